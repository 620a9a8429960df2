"""Patterns of paths with wildcards, matched in time linear in the path, whatever the pattern. Pure.

A regular expression tries every way to share a path among several wildcards, which takes hours for patterns that
anybody may push. Such patterns are matched by the set of their reachable places instead, one bit each.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple, Protocol, TypeAlias

_PIECE = re.compile(r"(?P<any_folders>\*\*/)|(?P<everything>\*\*)|(?P<some>\*)|(?P<one>\?)|\\(?P<plain>.)|(?P<other>.)")
FOLDER = "/"


class Wildcard(Enum):
    """What a part of a pattern stands for: any folders or none, any text, or text or one character within a folder."""

    ANY_FOLDERS = auto()
    EVERYTHING = auto()
    SOME = auto()
    ONE = auto()


# A wildcard, or the character itself.
Part: TypeAlias = Wildcard | str

_WILDCARDS = {each.name.lower(): each for each in Wildcard}
_EXPRESSIONS = {
    Wildcard.ANY_FOLDERS: "(?:.*/)?",
    Wildcard.EVERYTHING: ".*",
    Wildcard.SOME: "[^/]*",
    Wildcard.ONE: "[^/]",
}


class PathPattern(Protocol):
    """Matches whole paths."""

    def matches(self, path: str) -> bool:
        """Return whether the pattern matches the whole path."""


def read_parts(text: str) -> list[Part]:
    """Read a pattern with `*`, `**`, `**/`, `?` and backslashes before plain characters."""
    found = ((piece.lastgroup or "", piece) for piece in _PIECE.finditer(text))
    return [_WILDCARDS.get(kind) or piece[kind] for kind, piece in found]


def path_pattern(parts: Sequence[Part], *, within: bool) -> PathPattern:
    """Return the pattern of these parts; `within` also matches everything in a folder that they match."""
    if _is_quick(parts):
        return _Expression(parts, within=within)
    return _Places(parts, within=within)


def _is_quick(parts: Sequence[Part]) -> bool:
    """Return whether a regular expression matches in one way: one wildcard a folder, any folders only in front."""
    inner = parts[1:] if parts[:1] == [Wildcard.ANY_FOLDERS] else parts
    inner = inner[:-1] if inner[-1:] == [Wildcard.EVERYTHING] else inner
    if Wildcard.ANY_FOLDERS in inner or Wildcard.EVERYTHING in inner:
        return False
    some = 0
    for part in inner:
        some = 0 if part == FOLDER else some + (part is Wildcard.SOME)
        if some > 1:
            return False
    return True


class _Expression:
    """A pattern as a regular expression."""

    def __init__(self, parts: Sequence[Part], *, within: bool) -> None:
        text = "".join(_EXPRESSIONS[each] if isinstance(each, Wildcard) else re.escape(each) for each in parts)
        self._expression = re.compile(f"{text}(?:/.*)?" if within else text, re.DOTALL)

    def matches(self, path: str) -> bool:
        return self._expression.fullmatch(path) is not None


class _Steps(NamedTuple):
    """Masks of places: those left by a character, those kept by it, and those from which one may go on without any."""

    left_by: dict[str, int]
    left_within: int
    kept: int
    kept_within: int
    skipped: int
    skipped_twice: int


class _Places:
    """A pattern as the places that a path can have reached in it, as bits: place n is before part n."""

    def __init__(self, parts: Sequence[Part], *, within: bool) -> None:
        self._within = within
        self._steps, self._end = _steps_of(parts)

    def matches(self, path: str) -> bool:
        steps, end = self._steps, self._end
        places = self._skip(1)
        for character in path:
            if self._within and character == FOLDER and places & end:
                return True
            left, kept = steps.left_by.get(character, 0), steps.kept
            if character != FOLDER:
                left |= steps.left_within
                kept |= steps.kept_within
            places = self._skip((places & left) << 1 | places & kept)
            if not places:
                return False
        return bool(places & end)

    def _skip(self, places: int) -> int:
        """Return the places with those that are reached without a further character."""
        steps = self._steps
        while True:
            more = places | (places & steps.skipped) << 1 | (places & steps.skipped_twice) << 2
            if more == places:
                return places
            places = more


def _steps_of(parts: Sequence[Part]) -> tuple[_Steps, int]:
    """Return the masks of a pattern, and the bit of its end."""
    left_by: defaultdict[str, int] = defaultdict(int)
    left_within = kept = kept_within = skipped = skipped_twice = 0
    place = 1
    for part in parts:
        if part is Wildcard.ANY_FOLDERS:
            # Past it at once, or any text that ends with a slash.
            skipped |= place
            skipped_twice |= place
            place <<= 1
            kept |= place
            left_by[FOLDER] |= place
        elif part is Wildcard.EVERYTHING:
            kept |= place
            skipped |= place
        elif part is Wildcard.SOME:
            kept_within |= place
            skipped |= place
        elif part is Wildcard.ONE:
            left_within |= place
        else:
            left_by[part] |= place
        place <<= 1
    return _Steps(dict(left_by), left_within, kept, kept_within, skipped, skipped_twice), place
