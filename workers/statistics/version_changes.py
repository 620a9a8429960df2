"""What the newest version of each prompt, and the newest model, changed: tokens, cost, failures, merges."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from workers.statistics.arrays import Mask, Real, Whole
from workers.statistics.estimates import Estimate
from workers.statistics.verdict import change_words, range_words
from workers.statistics.versions import Change, Design, VersionRows, compare, is_equal

# What is compared, and for each of what: `merged` is the share of the requests for pull requests that ended.
PER_REQUEST = ("input_tokens", "output_tokens", "cost", "failed")
PER_ENDED = ("merged", "reverted")
# Only prompts with the most requests are compared, and of each the newest version and those with the most requests.
MOST_PROMPTS = 20
MOST_VERSIONS = 4


@dataclass(frozen=True, slots=True)
class VersionUses:
    """Requests by team, week, kind of work and version; arrays have shape (n,).

    `amounts` has an array for each of PER_REQUEST and PER_ENDED, and `ended`: requests for pull requests that were
    merged or abandoned.
    """

    versions: tuple[str, ...]
    team: Whole
    week: Whole
    kind: Whole
    requests: Real
    amounts: Mapping[str, Real]


@dataclass(frozen=True, slots=True)
class VersionChange:
    """What changed from one version to another, how it was compared, and in how many teams."""

    old: str
    new: str
    design: Design
    teams: int
    effects: Mapping[str, Estimate | None]
    sentence: str


def prompt_of(version: str) -> str:
    """Return the prompt of a version such as `review/3`."""
    return version.rpartition("/")[0]


def any_model(_model: str) -> str:
    """Return the same for all models, so that they are versions of one thing."""
    return "model"


def newest_changes(
    uses: VersionUses, name_of: Callable[[str], str], found: Sequence[VersionChange]
) -> tuple[VersionChange, ...]:
    """Return of all changes those of the newest version of each name from the one used most beside it."""
    first: dict[tuple[str, str], VersionChange] = {}
    for change in found:
        first.setdefault((change.old, change.new), change)
    return tuple(first[pair] for pair in pairs(uses, name_of) if pair in first)


def all_changes(uses: VersionUses, name_of: Callable[[str], str]) -> tuple[VersionChange, ...]:
    """Compare all versions of each name with the most requests, earlier with later ones, in each possible way."""
    begun = _sums(uses)[1]
    found = []
    for versions in _versions(uses, name_of):
        in_time = sorted(versions, key=lambda each: (begun[each], each))
        found += [change for old, new in combinations(in_time, 2) for change in _changes(uses, old, new)]
    return tuple(found)


def pairs(uses: VersionUses, name_of: Callable[[str], str]) -> list[tuple[str, str]]:
    """Return the old and the new version of each name with several versions, those with most requests first."""
    # The newest comes first, then the one with the most requests.
    return [(versions[1], versions[0]) for versions in _versions(uses, name_of)]


def _versions(uses: VersionUses, name_of: Callable[[str], str]) -> list[list[str]]:
    """Return the newest version of each name with several versions, then those used most, by name."""
    requests, begun = _sums(uses)
    names: dict[str, list[str]] = {}
    for version in requests:
        names.setdefault(name_of(version), []).append(version)
    several = [versions for name, versions in names.items() if name and len(versions) > 1]
    largest = sorted(several, key=lambda versions: -sum(requests[each] for each in versions))[:MOST_PROMPTS]
    found = []
    for versions in largest:
        newest = max(versions, key=lambda each: (begun[each], each))
        others = sorted((each for each in versions if each != newest), key=lambda each: (-requests[each], each))
        found.append([newest, *others[: MOST_VERSIONS - 1]])
    return found


def _sums(uses: VersionUses) -> tuple[dict[str, float], dict[str, int]]:
    """Return the requests of each version, and its first week."""
    requests: dict[str, float] = {}
    begun: dict[str, int] = {}
    for version, week, number in zip(uses.versions, uses.week.tolist(), uses.requests.tolist(), strict=True):
        requests[version] = requests.get(version, 0) + number
        begun[version] = min(begun.get(version, week), week)
    return requests, begun


def _changes(uses: VersionUses, old: str, new: str) -> list[VersionChange]:
    """Compare two versions side by side, and before and after, as far as teams used both."""
    labels = np.array(uses.versions)
    both = (labels == old) | (labels == new)
    found = []
    for design in (Design.SIDE_BY_SIDE, Design.BEFORE_AFTER):
        compared = _compare(uses, both, labels == new, design)
        if tokens := compared["input_tokens"]:
            effects = {name: each.effect if each else None for name, each in compared.items()}
            words = sentence(old, new, tokens, compared["merged"])
            found.append(VersionChange(old, new, design, tokens.teams, effects, words))
    return found


def _compare(uses: VersionUses, both: Mask, is_new: Mask, design: Design) -> dict[str, Change | None]:
    exposures = dict.fromkeys(PER_REQUEST, uses.requests)
    exposures |= {"merged": uses.amounts["ended"], "reverted": uses.amounts["merged"]}
    return {
        name: compare(
            VersionRows(uses.team[both], uses.week[both], uses.kind[both], is_new[both], exposure[both]),
            uses.amounts[name][both],
            design,
        )
        for name, exposure in exposures.items()
    }


def sentence(old: str, new: str, tokens: Change, merged: Change | None) -> str:
    """Return what changed, such as "review/7 used 18 % fewer input tokens for each request than review/6 (…)"."""
    effect = tokens.effect
    if effect.is_rise or effect.is_fall:
        used = f"used {abs(effect.change) * 100:.0f} % {'more' if effect.is_rise else 'fewer'} input tokens"
        return f"{new} {used} for each request than {old} ({range_words(effect)}), {_outcome(merged)}."
    seen = f"no difference in input tokens seen (would have seen ±{effect.smallest_visible * 100:.0f} %)"
    return f"{new} compared with {old}: {seen}, {_outcome(merged)}."


def _outcome(merged: Change | None) -> str:
    if merged is None:
        return "outcome not known yet"
    if is_equal(merged):
        return "at equal outcome"
    if merged.effect.is_rise or merged.effect.is_fall:
        return f"with {'more' if merged.effect.is_rise else 'less'} of its work merged: {change_words(merged.effect)}"
    return f"no difference in outcome seen (would have seen ±{merged.effect.smallest_visible * 100:.0f} %)"
