"""What a title, body or commit message reverts. Pure; the text itself is not kept.

The forms are those that forges and git write (`Reverts owner/name#123`, a branch `revert-123-name`, `This reverts merge
request !123`, `This reverts commit <sha>`), and titles: `Revert "…"`, `Revert #123: …`, `fix: revert "…"`.
"""

import hashlib
import re
from typing import NamedTuple

MOST = 50  # A message can list any number.

_N = r"[1-9]\d{0,9}\b"
_KIND = r"(?:PR|MR|pull request|merge request)s?"
_THIS = rf"This (?:(?:{_KIND}|commit|change|patch) )?(?:reverts|backs out)(?: the)?"
# Digits alone are a commit only behind the word; so is what could be a word of English.
_DIGITS = r"(?:(?<=commit.)|(?<=commits )|(?<=[,&d] )|(?=\d*[a-f])(?=[a-f]*\d))(?P<commit>[0-9a-f]{7,64})\b"
# One of what is listed: `#1`, `owner/name#1`, `!1`, `GH-1`, `PR 1`, an address, a commit.
_ONE = re.compile(
    rf"(?:https?://[^/\s]+/)?(?P<place>[\w.-]+(?:/[\w.-]+)+?)?"
    rf"(?:/pull/|/(?:-/)?merge_requests/|[#!]|GH-|(?<=[PM]R )|(?<=request )|(?<=requests ))(?P<number>{_N})"
    rf"|(?:https?://\S+?/commit/|[\w.-]+/[\w.-]+@)?{_DIGITS}",
    re.IGNORECASE,
)
_AND = re.compile(rf"(?: \([^)]*\))?\s*(?:,(?:\s*and)?|&|and|\n)\s*(?:[-*] )?(?:commits? |{_KIND} )?", re.IGNORECASE)
# Lines that are quoted say what another message said.
_BODY = re.compile(
    rf"^(?![^\S\n]*>)(?:.*?\b{_THIS}(?: {_KIND}| commits?)?|[^\w\n]*(?:(?-i:Reverts?) commits?|reverts?(?: {_KIND})?))"
    r":?[\s`(\[*-]+",
    re.MULTILINE | re.IGNORECASE,
)
# What the specification of conventional commits proposes for a title of `revert:`.
_REFERENCES = re.compile(r"^Refs: (?=[0-9a-f]{7})", re.MULTILINE | re.IGNORECASE)
# What stands before the verb in titles: `fix(search)!:`, `[release/1.2]`, `:rewind:`.
_BEFORE = r"(?:(?:\w+(?:\([^)]*\))?!?:|\[[^\]]*\]|:\w+:|[^\w\s\"“'\u2018`(\[:]) *)*"
_MARKS = r"(?: *\[[^\]]*\])*"
_TITLE = re.compile(
    rf"^{_BEFORE}(?:(?P<again>Reapply|Reland)|Revert(?:s|ed|ing)?|Undo|Back(?:s|ed)? out|Roll(?:s|ed)? ?back):? +"
    rf"[\"“'\u2018`](?P<title>.+)[\"”'\u2019`](?: *\([#!]\d+\))?{_MARKS} *$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(rf"^{_BEFORE}(?:Revert(?:s|ed|ing)?|Undo):? (?:{_KIND} )?[(\[]?", re.IGNORECASE)
_PLAIN = re.compile(rf"^{_BEFORE}Revert(?:s|ed)? .+\([#!](?P<number>{_N})\) *\([#!]\d+\){_MARKS} *$", re.IGNORECASE)
_CONVENTIONAL = re.compile(
    rf"^(?:{_BEFORE}(?<!\w))?(?:revert(?:\([^)]*\))?!?: *|\w+\(revert\)!?: *|[\[(]reverts?[\])]:? *)"
    r"(?P<title>[^\"“\s].*)$",
    re.IGNORECASE,
)
_ENDING_NUMBERS = re.compile(rf"(?P<numbers>(?:\((?:[\w./-]*[#!]|GH-){_N}\)\s*)+){_MARKS}$", re.IGNORECASE)
_ENDING_NUMBER = re.compile(rf"(?:[#!]|GH-)(?P<number>{_N})\)", re.IGNORECASE)
# Every title that reverts has one of these words, and most titles do not: these take a tenth of the time.
_VERBS = ("revert", "undo", "back", "reapply", "reland")
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
    title, words = title.strip(), body.lower()
    # A quick check: every form has one of these words, and most bodies do not.
    if ("revert" in words or "back" in words) and (listed := _listed(_BODY, body)) != NOTHING:
        return listed
    heading = title.lower()
    if not any(word in heading for word in _VERBS):
        return NOTHING
    if (listed := _listed(_NUMBERED, title)) != NOTHING:
        return listed
    inner = _inner_title(title)
    if inner is not None and (listed := _listed(_REFERENCES, body)) != NOTHING:
        return listed
    # Of several numbers the last is that of the pull request that takes back.
    ending = _ENDING_NUMBERS.search(inner) if inner else None
    number = _ENDING_NUMBER.search(ending["numbers"]) if ending else _PLAIN.match(title)
    return Reverted((Named(int(number["number"])),)) if number else Reverted(title=digest_title(inner))


def _listed(head: re.Pattern[str], text: str) -> Reverted:
    """Return what is listed behind each head, each once: `#1, #2 and owner/name#3`, or commits."""
    named: dict[Named, None] = {}
    commits: dict[str, None] = {}
    for each in head.finditer(text):
        place = each.end()
        while one := _ONE.match(text, place):
            if one["commit"]:
                commits[one["commit"].lower()] = None
            else:
                named[Named(int(one["number"]), one["place"] and one["place"].lower())] = None
            between = _AND.match(text, one.end())
            place = between.end() if between else len(text)
    return Reverted(tuple(named)[:MOST], tuple(commits)[:MOST])


def _inner_title(title: str) -> str | None:
    """Return the title of the reverted change; a reapplied change reverts its revert."""
    if found := _TITLE.match(title):
        return f'Revert "{found["title"]}"' if found["again"] else found["title"].strip()
    conventional = _CONVENTIONAL.match(title)
    return conventional["title"].strip() if conventional else None
