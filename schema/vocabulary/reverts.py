"""What a title, body or commit message reverts. Pure; the text itself is not kept.

The forms are those that forges and git write: GitHub's `Reverts owner/name#123` and its branch `revert-123-name`,
GitLab's `This reverts merge request !123`, git's `This reverts commit <sha>`, and the title `Revert "…"`, whose inner
title may end in the number of a squashed pull request.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple, TypeVar

MOST = 50

Reading = TypeVar("Reading")

_WORD = "revert"
_PLACE = r"(?:(?P<place>[\w.-]+(?:/[\w.-]+)+))?"
_BODY = re.compile(
    rf"^\W*(?:Reverts|This reverts pull request) {_PLACE}#(?P<number>[1-9]\d{{0,9}})\b", re.MULTILINE | re.IGNORECASE
)
_ADDRESS = re.compile(
    r"^\W*(?:Reverts|This reverts pull request) https?://[^/\s]+/(?P<place>[^\s#?]+)/pull/(?P<number>[1-9]\d{0,9})\b",
    re.MULTILINE | re.IGNORECASE,
)
_MERGE_REQUEST = re.compile(rf"\bThis reverts merge request {_PLACE}!(?P<number>[1-9]\d{{0,9}})\b", re.IGNORECASE)
_COMMIT = re.compile(r"\bThis reverts commit (?P<sha>[0-9a-f]{64}|[0-9a-f]{40})\b", re.IGNORECASE)
_TITLE = re.compile(
    r'^(?:(?P<again>Reapply)|Revert(?:s|ed)?):? +["“](?P<title>.+)["”](?: *\([#!]\d+\))? *$', re.IGNORECASE
)
_CONVENTIONAL = re.compile(r"^revert(?:\([^)]*\))?: *(?P<title>[^\"“].*)$", re.IGNORECASE)
_ENDING_NUMBER = re.compile(r"\([#!](?P<number>[1-9]\d{0,9})\)\s*$")
_BRANCH = re.compile(r"^revert-(?P<number>[1-9]\d{0,9})-\S")


class Named(NamedTuple):
    """The number of a pull request, with `owner/name` in lower case if it may be in another repository."""

    number: int
    place: str | None = None


class Reverted(NamedTuple):
    """What is reverted: pull requests by number, full commit SHAs, or else the digest of a title."""

    named: tuple[Named, ...] = ()
    commits: tuple[str, ...] = ()
    title: bytes | None = None


NOTHING = Reverted()


def digest_title(title: str | None) -> bytes | None:
    """Return the SHA-256 digest of a title with normalized spaces; None for an empty title."""
    words = (title or "").split()
    return hashlib.sha256(" ".join(words).encode(errors="replace")).digest() if words else None


def read_pull_request(title: str | None, body: str | None, head_branch: str | None = None) -> Reverted:
    """Return what a pull request reverts, from its title, its body, or else its branch name."""
    reverted = _read(title or "", body or "")
    if reverted.named or reverted.commits or not (branch := _BRANCH.match(head_branch or "")):
        return reverted
    return Reverted((Named(int(branch["number"])),))


def read_message(message: str | None) -> Reverted:
    """Return what a commit reverts, from its message."""
    subject, _, body = (message or "").partition("\n")
    return _read(subject, body)


def _read(title: str, body: str) -> Reverted:
    # A quick check: every form has this word, and most bodies do not.
    if _WORD in body.lower():
        named = [_named(each) for pattern in (_BODY, _ADDRESS, _MERGE_REQUEST) for each in pattern.finditer(body)]
        commits = [each["sha"].lower() for each in _COMMIT.finditer(body)]
        if named or commits:
            return Reverted(_some(named), _some(commits))
    inner = _inner_title(title.strip())
    if inner is None:
        return NOTHING
    number = _ENDING_NUMBER.search(inner)
    return Reverted((Named(int(number["number"])),)) if number else Reverted(title=digest_title(inner))


def _inner_title(title: str) -> str | None:
    """Return the title of the reverted change; a reapplied change reverts its revert."""
    if found := _TITLE.match(title):
        return f'Revert "{found["title"]}"' if found["again"] else found["title"].strip()
    conventional = _CONVENTIONAL.match(title)
    return conventional["title"].strip() if conventional else None


def _named(found: re.Match[str]) -> Named:
    return Named(int(found["number"]), found["place"].lower() if found["place"] else None)


def _some(found: Iterable[Reading]) -> tuple[Reading, ...]:
    """Return distinct items in order, at most MOST, because a message can list any number."""
    return tuple(dict.fromkeys(found))[:MOST]
