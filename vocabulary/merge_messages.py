"""Pull request numbers in the messages of merge and squash commits, as forges, merge bots and people write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from vocabulary.forge import Forge

_N = r"(?P<number>[1-9]\d{0,9})"
_PLACE = r"(?P<place>[\w.-]+(?:/[\w.-]+)+)"

_MERGES = (
    # GitHub always writes the source branch, and tools a colon; a number alone was typed and may not be that merge.
    re.compile(rf"^Merge pull request #{_N} from (?P<owner>[^/:\s]+)[/:](?P<branch>\S+)"),
    re.compile(rf"^Merge pull request #{_N}(?: from \S+$|: )"),
    # bors and homu: "Auto merge of #1 - dev:topic, r=lead", and what a rollup is made of.
    re.compile(rf"^(?:auto|rollup) merge of #{_N} - (?P<owner>[^\s:,]+):(?P<branch>[^\s,]+)", re.IGNORECASE),
    re.compile(rf"^auto merge of #{_N} : (?P<owner>[^\s/,]+)/[^\s/,]+/(?P<branch>[^\s,]+)", re.IGNORECASE),
    re.compile(rf"^Merge {_PLACE}#{_N}\b"),
    re.compile(rf"^Merge PR #{_N}\b"),
    re.compile(rf"^Merge (?:remote-tracking )?branch '(?:\S*/)?(?:pr|pull)[/-]{_N}(?:/head|/merge)?'"),
    # Gitea and Forgejo.
    re.compile(rf"^Merge pull request '.+' \(#{_N}\) from "),
)
# bors-ng names every pull request of a batch.
_BATCH = re.compile(r"^Merge(?P<numbers>(?:,? (?:and )?#[1-9]\d{0,9})+)(?=$|[\s:])")
# Backports and reverts repeat the original's number before their own, so the last number counts.
_GITHUB_TITLE = re.compile(
    rf"\((?:{_PLACE}#|#|GH-|PR[ -]?#?|pull (?:request )?#){_N}\)(?: *\[[^\]]*\])*\s*$", re.IGNORECASE
)
_PREFIX = re.compile(rf"^(?:PR|Pull request) #{_N}: ", re.IGNORECASE)
_TYPED = re.compile(rf"^\w+ #{_N} .+\(.+\)$")
_TYPED_BODY = re.compile(r"^This PR was (?:merged|squashed|submitted)", re.MULTILINE)
_CLOSES = re.compile(
    rf"^Closes #{_N} from (?P<owner>[^/\s:]+)[/:](?P<branch>\S+?)\.?(?: and squashes .*)?$", re.MULTILINE
)
# Where commits come from another repository, "Closes" names the pull request, not an issue.
_SYNCED = re.compile(
    rf"^Closes (?:https?://[^/\s]+/(?P<place>[^\s#?]+?)/pull/|#){_N}\.?$(?=[\s\S]*^(?:PiperOrigin-|Differential )Rev)",
    re.MULTILINE,
)
_GITHUB_TRAILER = re.compile(
    r"^(?:PR-URL: *|Pull[ -]Request(?:[ -]resolved)?: *|PR: *|GitHub-(?:Pull-Request|PR): *|Imported from GitHub PR "
    rf"|COPYBARA_INTEGRATE_REVIEW=)<?(?:https?://[^/\s]+/(?P<place>[^\s#?]+?)/pull/|(?P<short>[\w.-]+/[\w.-]+)?#){_N}\b",
    re.MULTILINE | re.IGNORECASE,
)
_GITLAB_TRAILER = re.compile(
    rf"^(?:See merge request|Part-of:|Merge-Request:) <?(?P<place>[^\s!<>]*?)(?:!|(?:/-)?/merge_requests/){_N}>?\s*$",
    re.MULTILINE | re.IGNORECASE,
)
_GITLAB_TITLE = re.compile(rf"\((?:{_PLACE})?!{_N}\)(?: *\[[^\]]*\])*\s*$")
_GITLAB_BRANCH = re.compile(r"^Merge branch '(?P<branch>[^']+)'(?: into '(?P<base>[^']+)')?")
# Every number begins so, and most messages hold none: these take a tenth of the time.
_DIGIT = re.compile(r"[1-9]")
_HOST = re.compile(r"^https?://[^/]+/")


@dataclass(frozen=True, slots=True)
class Message:
    """The message of a commit; read to find the number of its pull request, never sent."""

    sha: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class MergedNumber:
    """A pull request's number, and its branches if the message names them.

    `place` is the repository that the message names, in lower case, and `owner` that of the source branch. A trailer
    may stand in each of several commits.
    """

    number: int
    head_branch: str | None = None
    base_branch: str | None = None
    place: str | None = field(default=None, compare=False)
    owner: str | None = field(default=None, compare=False)
    is_trailer: bool = field(default=False, compare=False)


def read_numbers(forge: Forge, message: Message) -> tuple[MergedNumber, ...]:
    """Return the pull requests that a commit merged according to its message; several only for a bot's batch.

    Each forge has its own rules: `(#12)` ends the title of a squashed pull request on GitHub, but names an issue on
    GitLab.
    """
    if not _DIGIT.search(message.subject) and not _DIGIT.search(message.body):
        return ()
    found = _read_gitlab(message) if forge == "gitlab" else next(_read_github(message), None)
    if found is None and forge == "github" and (batch := _BATCH.match(message.subject)):
        return tuple(MergedNumber(int(number)) for number in re.findall(r"\d+", batch["numbers"]))
    return () if found is None else (found,)


def _read_github(message: Message) -> Iterator[MergedNumber]:
    """Yield what each way of writing it says, the surest first."""
    subject, body = message.subject, message.body
    for pattern in _MERGES:
        if merge := pattern.match(subject):
            yield _merged(merge)
    if _BATCH.match(subject):
        return
    for pattern in (_GITHUB_TITLE, _PREFIX):
        if title := pattern.search(subject):
            yield _merged(title)
    if body:
        if (typed := _TYPED.match(subject)) and _TYPED_BODY.search(body):
            yield _merged(typed)
        for pattern in (_CLOSES, _GITHUB_TRAILER, _SYNCED):
            if trailers := list(pattern.finditer(body)):
                yield _merged(trailers[-1], is_trailer=True)


def _merged(found: re.Match[str], *, is_trailer: bool = False) -> MergedNumber:
    parts = found.groupdict()
    place, owner = parts.get("place") or parts.get("short"), parts.get("owner")
    return MergedNumber(
        int(parts["number"]),
        head_branch=parts.get("branch"),
        place=place.lower() if place else None,
        owner=owner.lower() if owner else None,
        is_trailer=is_trailer,
    )


def _read_gitlab(message: Message) -> MergedNumber | None:
    trailers = list(_GITLAB_TRAILER.finditer(message.body))
    named = trailers[-1] if trailers else _GITLAB_TITLE.search(message.subject)
    if named is None:
        return None
    branch = _GITLAB_BRANCH.match(message.subject)
    place = _HOST.sub("", named["place"] or "").strip("/").lower()
    return MergedNumber(
        int(named["number"]),
        head_branch=branch["branch"] if branch else None,
        base_branch=branch["base"] if branch else None,
        place=place or None,
        is_trailer=bool(trailers) and branch is None,
    )
