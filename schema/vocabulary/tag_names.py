"""What a tag's name says: which family of releases it belongs to, and which version of it. Pure.

A repository may release several things, each with versions of its own: `pkg@1.2.3`, `@scope/pkg@1.2.3`, `pkg/v1.2.3`
and `pkg-1.2.3` are versions of `pkg`, while `v1.2.3`, `1.2.3` and `release-1.2.3` are those of the repository itself.
Versions are ordered as Semantic Versioning 2.0.0 §11 says, read tolerantly: any number of numbers, `rc1` like `rc.1`,
and suffixes that mean an ordinary or a later release (`1.2.3.Final`, `1.2.3-hotfix.1`).
"""

import re
from dataclasses import dataclass
from functools import total_ordering
from itertools import dropwhile

FIRST_YEAR, LAST_YEAR = 1990, 2099
MONTHS, DAYS = 12, 31
# A patch is told apart by its third number.
SERIES = 2
PARTS = 3
LARGEST = 2**63 - 1
MOST_DIGITS = 20
MOST_NUMBERS = 8

_SEPARATORS = "@/-_=#:.~ "
_WORDS = re.compile(r"\d+|[a-z]+")
_NUMBER = re.compile(r"\d+(?:[._]\d+)*")
_START = re.compile(r"(?:^|(?<=[@/\-_=#:~ ])|(?<=[a-z]))(?=\d)")
_SUFFIX = re.compile(r"[0-9a-z.+_~-]*")
_DATE = re.compile(r"(?<!\d)(\d{4})([-._]?)(\d{2})\2(\d{2})(?!\d)")
# Words before a version that name no thing of their own.
_PLAIN = re.compile(r"(?:^|[@/\-_=#:.~ ])(?:v|ver|version|r|rel|release|releases|tag|tags)$")
_ORDINARY = {"final", "ga", "release", "stable", "lts"}
_LATER = {"fix", "hotfix", "p", "patch", "post", "sp"}


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """Its numbers, most significant first, and the identifiers of a prerelease: () for a release."""

    numbers: tuple[int, ...]
    prerelease: tuple[int | str, ...] = ()

    @property
    def is_prerelease(self) -> bool:
        """Whether the version is one before the release of its numbers."""
        return bool(self.prerelease)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key() == other._key()

    def __lt__(self, other: "Version") -> bool:
        return self._key() < other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]:
        """Trailing zeros say nothing; a prerelease comes before its release, and numbers before words in it."""
        identifiers = [(True, 0, each) if isinstance(each, str) else (False, each, "") for each in self.prerelease]
        return without_zeros(self.numbers), not self.prerelease, tuple(identifiers)


@dataclass(frozen=True, slots=True)
class TagName:
    """The family, empty for the repository itself; without a version, what is tagged has only a name."""

    family: str
    version: Version | None


def read_tag(tag: str) -> TagName:
    """The family and version that a tag names."""
    name = tag.strip().removeprefix("refs/tags/").lower()
    if dated := _read_date(name):
        return dated
    begins = _version_start(name)
    if begins is None:
        return TagName("", None)
    numbers = _NUMBER.match(name, begins)
    assert numbers is not None  # a version starts with a digit
    return TagName(_family(name[:begins]), _version(numbers[0], name[numbers.end() :]))


def without_zeros(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """The numbers of a version such that `1.2` and `1.2.0` are alike."""
    return tuple(reversed(list(dropwhile(lambda number: not number, reversed(numbers)))))


def is_patch(numbers: tuple[int, ...], earlier: tuple[int, ...]) -> bool:
    """Whether a release with these numbers mends the earlier one: the same first two, and higher after them."""
    ours, theirs = _padded(numbers), _padded(earlier)
    return ours[:SERIES] == theirs[:SERIES] and ours > theirs


def _read_date(name: str) -> TagName | None:
    """A day, `2026-11-22` or `20261122`, as one number: the next day's release is not a patch of it."""
    found = _DATE.search(name)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[3]), int(found[4])
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= MONTHS and 1 <= day <= DAYS):
        return None
    day_number = (year * 100 + month) * 100 + day
    later = [_number(word) for word in _WORDS.findall(name[found.end() :]) if word.isdigit()]
    return TagName(_family(name[: found.start()]), Version((day_number, 0, *later[:MOST_NUMBERS])))


def _version_start(name: str) -> int | None:
    """Where the version begins: after the last `@`, else the first numbers with a dot, else the last lone number."""
    at = name.rfind("@")
    starts = [found.start() for found in _START.finditer(name) if found.start() > at]
    readable = []
    for start in starts:
        numbers = _NUMBER.match(name, start)
        if numbers and _SUFFIX.fullmatch(name, numbers.end()):
            readable.append((start, len(numbers[0]) > len(numbers[0].replace(".", "").replace("_", ""))))
    dotted = [start for start, is_dotted in readable if is_dotted]
    return dotted[0] if dotted else next((start for start, _ in _lone(name, readable)), None)


def _lone(name: str, readable: list[tuple[int, bool]]) -> list[tuple[int, bool]]:
    """Lone numbers that may be versions: those of a word such as `log4j` are not."""
    return [
        (start, is_dotted)
        for start, is_dotted in readable
        if start == 0 or name[start - 1] in _SEPARATORS or _is_plain(name, start)
    ]


def _is_plain(name: str, start: int) -> bool:
    return _PLAIN.search(name[:start]) is not None


def _family(prefix: str) -> str:
    """What stands before the version, without separators and words such as `release` or `v`."""
    family = prefix.rstrip(_SEPARATORS)
    while found := _PLAIN.search(family):
        family = family[: found.start()].rstrip(_SEPARATORS)
    return family


def _version(written: str, suffix: str) -> Version:
    numbers = tuple(_number(number) for number in re.split(r"[._]", written))[:MOST_NUMBERS]
    words = _WORDS.findall(suffix.partition("+")[0])
    if not words or words[0] in _ORDINARY:
        return Version(numbers)
    if words[0] in _LATER:
        later = next((_number(word) for word in words if word.isdigit()), 1)
        return Version((*_padded(numbers), later))
    return Version(numbers, tuple(_number(word) if word.isdigit() else word for word in words))


def _padded(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return numbers + (0,) * (PARTS - len(numbers))


def _number(digits: str) -> int:
    """What fits a column; a tag may hold more digits than any number needs."""
    return min(int(digits[:MOST_DIGITS]), LARGEST)
