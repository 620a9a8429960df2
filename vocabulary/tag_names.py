"""The release family and version in a tag name. Pure.

A repository may release several packages with separate versions: `pkg@1.2.3`, `@scope/pkg@1.2.3`, `pkg/v1.2.3` and
`pkg-1.2.3` are versions of `pkg`; `v1.2.3`, `1.2.3` and `release-1.2.3` are versions of the repository itself.
Versions sort by Semantic Versioning 2.0.0 §11 with some tolerance: any number of numbers, `rc1` equals `rc.1`, and
suffixes may mark an ordinary or a later release (`1.2.3.Final`, `1.2.3-android`, `1.2.3-hotfix.1`). Dates are versions
(`2026-11-22`, `2026.11`, `2026w47`); behind a version they are build metadata (`1.2.3-20261122`).
"""

import re
from dataclasses import dataclass
from functools import total_ordering
from itertools import dropwhile

from vocabulary.alias_tags import is_moving_name

FIRST_YEAR, LAST_YEAR = 1990, 2099
MONTHS, DAYS = 12, 31
# Versions of one series share this many numbers; a patch differs in the next one.
SERIES = 2
PARTS = 3
LARGEST = 2**63 - 1
MOST_DIGITS = 20
MOST_NUMBERS = 8

_SEPARATORS = "@/-_=#:.~ "
# Neither the digits of a commit (`a1b2c3d`, but `a20261122` is an alpha) nor a processor (`v8a`) are words.
_COMMIT = r"(?<=[-+._~])(?![abc]\d+(?![0-9a-z]))g?(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{7,40}"
_WORDS = re.compile(rf"(?:{_COMMIT}|(?<=[-+._~])v\d+[a-z]+)(?![0-9a-z])|(\d+|[a-z]+)")
_BEHIND = re.compile(r"-(\d+)-g[0-9a-f]{4,40}$")  # Commits since a version, as `git describe` writes.
# Behind a short version these name a channel: `v1-latest`.
_CHANNEL = re.compile(r"[-._](?:latest|edge|nightly|canary|rolling|continuous|current)$")
_NUMBER = re.compile(r"\d+(?:[._]\d+)*")
_DIGITS = re.compile(r"\d+")
_START = re.compile(r"(?:^|(?<=[@/\-_=#:~ ])|(?<=[a-z]))(?=\d)")
# What may follow the numbers of a version.
_BEHIND_NUMBERS = "0123456789abcdefghijklmnopqrstuvwxyz.+_~-"
_DATE = re.compile(r"(?<!\d)(\d{4})([-._]?)(\d{2})\2(\d{2})(?!\d)")
# A month, a week or a quarter of a year: `2026-11`, `2026w47`, `2026-q4`.
_PART_OF_YEAR = re.compile(r"(?<![\d._])(\d{4})(?:-(\d{1,2})(?![\d._])|[-.]?[wq](\d{1,2})(?!\d))")
WEEKS = 53
# A build date in or behind a version, also with a time: `20261122`, `2026-11-22`, `20261122093000`.
_BUILD = re.compile(r"(?:19|20)\d{2}(?:([-._]?)(?:0[1-9]|1[0-2])\1(?:[0-2]\d|3[01]))(?:\d{4}|\d{6})?(?!\d)")
_VERSION_AND_MORE = re.compile(r"(?:^|[@/\-_=#:~ a-z])\d+(?:[._]\d+)+[a-z.+_~-]")
# Words before a version that are not a package name.
_PLAIN = re.compile(r"(?:^|[@/\-_=#:.~ ])(?:v|ver|version|r|rel|releases?|tags?|hotfix(?:es)?|stable|lts|final)$")
# Longer than any of them with a separator, so that only the end of a text must be searched.
_LONGEST_PLAIN = 10
_ORDINARY = {"final", "ga", "release", "stable", "lts"}
_BEFORE = {
    *("a", "alpha", "b", "beta", "c", "canary", "cr", "dev", "develop", "draft", "ea", "eap", "early", "edge", "exp"),
    *("experimental", "insider", "insiders", "m", "milestone", "next", "nightly", "pre", "prerelease", "preview", "rc"),
    *("snapshot", "test", "unstable", "wip"),
}
_LATER = {"fix", "hotfix", "p", "patch", "post", "sp"}


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """Version numbers, most significant first, and prerelease identifiers, () for a release."""

    numbers: tuple[int, ...]
    prerelease: tuple[int | str, ...] = ()

    @property
    def is_prerelease(self) -> bool:
        """Return whether this is a prerelease."""
        return bool(self.prerelease)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key() == other._key()

    def __lt__(self, other: "Version") -> bool:
        return self._key() < other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]:
        """Ignore trailing zeros; sort a prerelease before its release, and numeric identifiers before words."""
        identifiers = [(True, 0, each) if isinstance(each, str) else (False, each, "") for each in self.prerelease]
        return without_zeros(self.numbers), not self.prerelease, tuple(identifiers)


@dataclass(frozen=True, slots=True)
class TagName:
    """Family, empty for the repository itself, and version, None if the tag has no version.

    `is_moving` is true for names of channels such as `latest`, which are aliases.
    """

    family: str
    version: Version | None
    is_moving: bool = False


def read_tag(tag: str) -> TagName:
    """Return the family and version in a tag name."""
    name = tag.strip().removeprefix("refs/tags/").lower().replace("(", "+").rstrip(")")
    if dated := _read_date(name) or _read_part_of_year(name):
        return dated
    begins = _version_start(name)
    if begins is None:
        return TagName("", None, is_moving=is_moving_name(name))
    numbers = _NUMBER.match(name, begins)
    assert numbers is not None  # a version starts with a digit
    if _CHANNEL.match(name, numbers.end()) and len(re.split(r"[._]", numbers[0])) < PARTS:
        return TagName("", None, is_moving=True)
    return TagName(_family(name[:begins]), _version(numbers[0], name[numbers.end() :]))


def without_zeros(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Drop trailing zeros, so that `1.2` equals `1.2.0`."""
    return tuple(reversed(list(dropwhile(lambda number: not number, reversed(numbers)))))


def is_patch(numbers: tuple[int, ...], earlier: tuple[int, ...]) -> bool:
    """Return whether a version is a patch of an earlier one: same first two numbers, and higher after them."""
    later, base = _padded(numbers), _padded(earlier)
    return later[:SERIES] == base[:SERIES] and later > base


def _read_date(name: str) -> TagName | None:
    """Read a date, `2026-11-22` or `20261122`, as one number, so that the next day is not a patch."""
    found = _DATE.search(name)
    if found is None or _is_behind_version(name, found.start()):
        return None
    year, month, day = int(found[1]), int(found[3]), int(found[4])
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= MONTHS and 1 <= day <= DAYS):
        return None
    day_number = (year * 100 + month) * 100 + day
    return TagName(_family(name[: found.start()]), _dated((day_number, 0), name[found.end() :]))


def _read_part_of_year(name: str) -> TagName | None:
    found = _PART_OF_YEAR.search(name)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR or _is_behind_version(name, found.start()):
        return None
    part, most = int(found[2] or found[3]), MONTHS if found[2] else WEEKS
    if not 1 <= part <= most:
        return None
    return TagName(_family(name[: found.start()]), _dated((int(found[1]), part), name[found.end() :]))


def _dated(numbers: tuple[int, ...], suffix: str) -> Version:
    words = list(filter(None, _WORDS.findall(suffix)))
    before = _prerelease(words)
    later = [_number(word) for word in words[: len(words) - len(before)] if word.isdigit()]
    return Version((*numbers, *later[:MOST_NUMBERS]), before)


def _is_behind_version(name: str, end: int) -> bool:
    """Return whether a dotted version, and nothing that may not follow one, stands before a place."""
    before = name[:end]
    tail = len(before.rstrip(_BEHIND_NUMBERS))
    return _VERSION_AND_MORE.search(before, max(tail - 1, 0)) is not None


def _version_start(name: str) -> int | None:
    """Return where the version begins, after the last `@`: the first dotted numbers, or else the first lone number."""
    at, tail = name.rfind("@"), len(name.rstrip(_BEHIND_NUMBERS))
    first_lone, end = None, 0
    for found in _START.finditer(name, at + 1):
        start = found.start()
        if start >= end:
            # Numbers that begin within others, as in `1_2`, end where those do.
            end = _end_of(_NUMBER, name, start)
        if end < tail:
            continue
        if _end_of(_DIGITS, name, start) < end:
            return start
        if first_lone is None and _may_be_lone(name, start):
            first_lone = start
    return first_lone


def _end_of(pattern: re.Pattern[str], name: str, start: int) -> int:
    """Return where a pattern ends that matches at a digit."""
    found = pattern.match(name, start)
    assert found is not None
    return found.end()


def _may_be_lone(name: str, start: int) -> bool:
    """Return whether a lone number may be a version; those inside words such as `log4j` are not."""
    return start == 0 or name[start - 1] in _SEPARATORS or _plain_start(name, start) is not None


def _plain_start(name: str, end: int) -> int | None:
    """Return where the separator and word such as `v` begin that end at a place."""
    begin = max(end - _LONGEST_PLAIN, 0)
    found = _PLAIN.search(name[begin:end])
    return None if found is None else begin + found.start()


def _family(prefix: str) -> str:
    """Remove separators and words such as `release` or `v` from the text before the version."""
    end: int | None = len(prefix)
    family = end
    while end is not None:
        family = end
        while family and prefix[family - 1] in _SEPARATORS:
            family -= 1
        end = _plain_start(prefix, family)
    return prefix[:family]


def _version(written: str, suffix: str) -> Version:
    split = re.split(r"[._]", written)
    if len(split) > PARTS and _BUILD.fullmatch(split[-1]):
        split.pop()
    numbers = tuple(_number(number) for number in split)[:MOST_NUMBERS]
    words = list(filter(None, _WORDS.findall(suffix.partition("+")[0])))
    if behind := _BEHIND.fullmatch(suffix):
        return Version((*_padded(numbers), _number(behind[1])))
    if not words or words[0] in _ORDINARY or _BUILD.match(suffix.lstrip("-._~")):
        return Version(numbers)
    if words[0] in _LATER:
        later = next((_number(word) for word in words if word.isdigit()), 1)
        return Version((*_padded(numbers), later))
    if len(suffix) == 1 and suffix.isalpha():
        # A letter alone counts up: `3.3a` comes after `3.3`.
        return Version((*_padded(numbers), ord(suffix) - ord("a") + 1))
    if words[0].isdigit():
        return Version(numbers, tuple(_number(word) if word.isdigit() else word for word in words))
    return Version(numbers, _prerelease(words))


def _prerelease(words: list[str]) -> tuple[int | str, ...]:
    """Return the identifiers from the first word that marks a prerelease; other words name a platform or a build."""
    begins = next((place for place, word in enumerate(words) if word in _BEFORE), len(words))
    return tuple(_number(word) if word.isdigit() else word for word in words[begins:])


def _padded(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return numbers + (0,) * (PARTS - len(numbers))


def _number(digits: str) -> int:
    """Return a number that fits a bigint, however many digits the tag has."""
    return min(int(digits[:MOST_DIGITS]), LARGEST)
