"""Pull request numbers in the messages of merge and squash commits."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from schema.contracts.values import Forge
from service.imports.git_log import Message

FORGES: tuple[Forge, ...] = ("github", "gitlab")

# GitHub always writes the source branch; a message without it was typed by hand and may not be that merge.
_GITHUB_MERGE = re.compile(r"^Merge pull request #(?P<number>[1-9]\d{0,9}) from [^/\s]+/(?P<branch>\S+)")
# Backports and reverts repeat the original's number before their own, so the last number counts.
_GITHUB_TITLE = re.compile(r"\(#(?P<number>[1-9]\d{0,9})\)\s*$")
_GITLAB_TRAILER = re.compile(r"^See merge request \S*?(?:!|/merge_requests/)(?P<number>[1-9]\d{0,9})\s*$", re.MULTILINE)
_GITLAB_TITLE = re.compile(r"\(!(?P<number>[1-9]\d{0,9})\)\s*$")
_GITLAB_BRANCH = re.compile(r"^Merge branch '(?P<branch>[^']+)'(?: into '(?P<base>[^']+)')?")


@dataclass(frozen=True, slots=True)
class MergedNumber:
    """A pull request's number, and its branches if the message names them."""

    number: int
    head_branch: str | None = None
    base_branch: str | None = None


def read_message(forge: Forge, message: Message) -> MergedNumber | None:
    """Return the pull request that a commit merged according to its message, or None.

    Each forge has its own rules: `(#12)` ends the title of a squashed pull request on GitHub, but names an issue on
    GitLab.
    """
    if forge == "gitlab":
        return _read_gitlab(message.subject, message.body)
    return _read_github(message.subject)


def guess_forge(messages: Iterable[Message]) -> Forge:
    """Return the forge with more merge messages; github if there are none."""
    seen = Counter(forge for message in messages for forge in FORGES if read_message(forge, message))
    return "gitlab" if seen["gitlab"] > seen["github"] else "github"


def _read_github(subject: str) -> MergedNumber | None:
    if merge := _GITHUB_MERGE.match(subject):
        return MergedNumber(int(merge["number"]), merge["branch"])
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
