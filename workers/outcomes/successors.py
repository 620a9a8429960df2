"""Which models and prompt templates of a team succeed others, by the days of their first use. Pure."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from functools import reduce
from itertools import groupby
from typing import NamedTuple

from vocabulary.model_names import model_family

# claude-sonnet-4-20250514, gpt-4o-2024-08-06, gpt-4-0613, gemini-2.5-flash-preview-05-20
_DATE = re.compile(r"(?<=[-@])(?:20[0-9]{2}-[0-9]{2}-[0-9]{2}|[0-9]{2}-[0-9]{2}|[0-9]{8}|[0-9]{4})(?![0-9.])")
# Numbers of parameters (`405b`) are no versions.
_NUMBER = re.compile(r"(?<![0-9])[0-9]{1,2}(?![0-9b])")
_TEMPLATE_VERSION = re.compile(r"(?:^|[ ._:/#+-])v?[0-9]+(?:[._-][0-9]+)*$", re.IGNORECASE)


class FirstUse(NamedTuple):
    """A name, and the UTC day on which it was first used."""

    value: str
    first_day: date


class Successor(NamedTuple):
    """From `day` on, `after` was used beside or instead of `before`."""

    day: date
    before: str
    after: str


def find_newer_models(uses: Iterable[FirstUse]) -> list[Successor]:
    """Return models that are newer than every earlier one of their family, at most one a family and day."""
    found = []
    for days in _by_group(uses, model_family).values():
        newest = ""
        for day, names in days:
            candidate = reduce(lambda one, other: other if is_newer(other, one) else one, names)
            if newest and is_newer(candidate, newest):
                found.append(Successor(day, newest, candidate))
            if not newest or is_newer(candidate, newest):
                newest = candidate
    return sorted(found)


def find_new_templates(uses: Iterable[FirstUse]) -> list[Successor]:
    """Return prompt templates that follow another of the same name, as far as names hold numbered versions.

    Other names, such as hashes, follow each other. Versions need not grow: a team may return to an earlier one.
    """
    found = []
    for days in _by_group(uses, _template_name).values():
        before = ""
        for day, names in days:
            found += [Successor(day, before, name) for name in names if before]
            before = names[-1]
    return sorted(found)


def is_newer(name: str, other: str) -> bool:
    """Return whether a model's version is higher, or equal with a later date, if both have one of the same form."""
    (version, day), (known, known_day) = _version(name), _version(other)
    return version > known or (version == known and len(day) == len(known_day) and day > known_day)


def _version(name: str) -> tuple[tuple[int, ...], str]:
    """Return the numbers of a model's version, and the digits of its date."""
    dates = "".join(re.sub("[^0-9]", "", each) for each in _DATE.findall(name))
    return tuple(int(each) for each in _NUMBER.findall(_DATE.sub("", name))), dates


def _template_name(value: str) -> str:
    match = _TEMPLATE_VERSION.search(value)
    return value[: match.start()] if match else ""


def _by_group(uses: Iterable[FirstUse], group: Callable[[str], str]) -> dict[str, list[tuple[date, list[str]]]]:
    """Return the names of each group by day, oldest first."""
    groups: dict[str, list[FirstUse]] = defaultdict(list)
    for use in sorted(uses, key=lambda each: (each.first_day, each.value)):
        groups[group(use.value)].append(use)
    return {
        name: [(day, [each.value for each in same]) for day, same in groupby(members, key=lambda each: each.first_day)]
        for name, members in groups.items()
    }
