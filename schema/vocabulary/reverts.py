"""What a title, body or commit message reverts. Pure; the text itself is not kept.

The forms are those that forges and git write: GitHub's `Reverts owner/name#123` and its branch `revert-123-name`,
GitLab's `This reverts merge request !123`, git's `This reverts commit <sha>`, also abbreviated, and titles:
`Revert "…"`, `Revert #123: …`, `fix: revert "…"`, `revert(scope)!: …`, `[Revert] …`. The inner title may end in the
number of a squashed pull request.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple, TypeVar

MOST = 50

Reading = TypeVar("Reading")

_WORD = "revert"
_PLACE = r"(?:(?P<place>[\w.-]+(?:/[\w.-]+)+))?"
_NUMBER = r"(?P<number>[1-9]\d{0,9})\b"
_KIND = r"(?:PR|MR|pull request|merge request)"
_BODY = re.compile(
    rf"^\W*(?:Reverts|Revert|This reverts)(?: {_KIND})?:? {_PLACE}[#!]{_NUMBER}", re.MULTILINE | re.IGNORECASE
)
_ADDRESS = re.compile(
    rf"^\W*(?:Reverts|Revert|This reverts)(?: {_KIND})?:? https?://[^/\s]+/(?P<place>[^\s#?]+?)"
    rf"/(?:pull|-/merge_requests)/{_NUMBER}",
    re.MULTILINE | re.IGNORECASE,
)
_MERGE_REQUEST = re.compile(rf"\bThis reverts merge request {_PLACE}!{_NUMBER}", re.IGNORECASE)
_DIGITS = r"[0-9a-f]{7,64}\b"
_COMMIT = re.compile(
    rf"\bThis reverts commits?:? (?P<commits>{_DIGITS}(?:(?:,\s*(?:and\s+)?|\s+and\s+){_DIGITS})*)", re.IGNORECASE
)
# What the specification of conventional commits proposes for a title of `revert:`.
_REFERENCES = re.compile(rf"^Refs: (?P<commits>{_DIGITS}(?:,\s*{_DIGITS})*)\s*$", re.MULTILINE | re.IGNORECASE)
_SHA = re.compile(_DIGITS, re.IGNORECASE)
# What stands before the verb in titles: `fix(search)!:`, `[release/1.2]`, `:rewind:`.
_BEFORE = r"(?:(?:\w+(?:\([^)]*\))?!?:|\[[^\]]*\]|:\w+:) *)*"
_TITLE = re.compile(
    rf"^{_BEFORE}(?:(?P<again>Reapply|Reland)|Revert(?:s|ed|ing)?|Back(?:s|ed)? out|Roll(?:s|ed)? ?back):? +"
    r"[\"“](?P<title>.+)[\"”](?: *\([#!]\d+\))? *$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(rf"^{_BEFORE}Revert(?:s|ed)?:? (?:{_KIND} )?\(?[#!]{_NUMBER}", re.IGNORECASE)
_CONVENTIONAL = re.compile(
    r"^(?:revert(?:\([^)]*\))?!?: *|\w+\(revert\)!?: *|[\[(]reverts?[\])]:? *)(?P<title>[^\"“\s].*)$", re.IGNORECASE
)
_ENDING_NUMBERS = re.compile(r"(?P<numbers>(?:\([#!][1-9]\d{0,9}\)\s*)+)$")
_ENDING_NUMBER = re.compile(rf"\([#!]{_NUMBER}\)")
_BRANCH = re.compile(r"^revert-(?P<number>[1-9]\d{0,9})-\S")


class Named(NamedTuple):
    """The number of a pull request, with `owner/name` in lower case if it may be in another repository."""

    number: int
    place: str | None = None


class Reverted(NamedTuple):
    """What is reverted: pull requests by number, commits by full or abbreviated SHA, or else the digest of a title."""

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
    title = title.strip()
    # A quick check: every form has this word, and most bodies do not.
    if _WORD in body.lower():
        named = [_named(each) for pattern in (_BODY, _ADDRESS, _MERGE_REQUEST) for each in pattern.finditer(body)]
        commits = _commits(_COMMIT, body)
        if named or commits:
            return Reverted(_some(named), _some(commits))
    if numbered := _NUMBERED.match(title):
        return Reverted((Named(int(numbered["number"])),))
    inner = _inner_title(title)
    if inner is None:
        return NOTHING
    if commits := _commits(_REFERENCES, body):
        return Reverted(commits=_some(commits))
    # Of several numbers the last is that of the pull request that takes back.
    ending = _ENDING_NUMBERS.search(inner)
    number = _ENDING_NUMBER.search(ending["numbers"]) if ending else None
    return Reverted((Named(int(number["number"])),)) if number else Reverted(title=digest_title(inner))


def _commits(pattern: re.Pattern[str], body: str) -> list[str]:
    return [sha.lower() for found in pattern.finditer(body) for sha in _SHA.findall(found["commits"])]


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
