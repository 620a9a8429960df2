"""Which pull request a commit message says it merged."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from service.imports.git_log import Message

# GitHub itself always writes where a merge came from; what lacks it was typed by hand and need not be that merge.
_GITHUB_MERGE = re.compile(r"^Merge pull request #(?P<number>\d+) from (?P<owner>[^/\s]+)/(?P<branch>\S+)")
# Backports repeat the original's number before their own, and so do reverts, inside quotes: the last one counts.
_GITHUB_TITLE = re.compile(r"\(#(?P<number>\d+)\)\s*$")
_GITLAB_TRAILER = re.compile(r"^See merge request \S*?(?:!|/merge_requests/)(?P<number>\d+)\s*$", re.MULTILINE)
_GITLAB_TITLE = re.compile(r"\(!(?P<number>\d+)\)\s*$")
_GITLAB_BRANCH = re.compile(r"^Merge branch '(?P<branch>[^']+)'(?: into '(?P<base>[^']+)')?")


@dataclass(frozen=True, slots=True)
class MergedNumber:
    """A pull request's number, and what else the message tells: branches, and whose fork the source branch is in."""

    number: int
    head_branch: str | None = None
    head_owner: str | None = None
    base_branch: str | None = None


def read_message(forge: str, message: Message) -> MergedNumber | None:
    """The pull request a message names as merged by it, or None.

    On GitHub `(#12)` ends the title of a squashed pull request; on GitLab it would name an issue, so each forge's
    messages are read by its own rules only.
    """
    if forge == "gitlab":
        return _read_gitlab(message.subject, message.body)
    return _read_github(message.subject)


def guess_forge(messages: Iterable[Message]) -> str:
    """The forge whose merge messages are the more frequent; github when there are none."""
    seen = Counter(forge for message in messages for forge in ("github", "gitlab") if read_message(forge, message))
    return "gitlab" if seen["gitlab"] > seen["github"] else "github"


def _read_github(subject: str) -> MergedNumber | None:
    if merge := _GITHUB_MERGE.match(subject):
        return MergedNumber(int(merge["number"]), merge["branch"], merge["owner"])
    if title := _GITHUB_TITLE.search(subject):
        return MergedNumber(int(title["number"]))
    return None


def _read_gitlab(subject: str, body: str) -> MergedNumber | None:
    trailers = list(_GITLAB_TRAILER.finditer(body))
    named = trailers[-1] if trailers else _GITLAB_TITLE.search(subject)
    if named is None:
        return None
    branch = _GITLAB_BRANCH.match(subject)
    return MergedNumber(
        int(named["number"]),
        head_branch=branch["branch"] if branch else None,
        base_branch=branch["base"] if branch else None,
    )
