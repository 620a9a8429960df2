"""What the newest version of each prompt, and the newest model, changed: tokens, cost, failures, merges."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from workers.statistics.arrays import Mask, Real, Whole
from workers.statistics.estimates import Estimate
from workers.statistics.verdict import change_words, range_words
from workers.statistics.versions import Change, Design, VersionRows, compare, is_equal

# What is compared, and for each of what: `merged` is the share of the requests for pull requests that ended.
PER_REQUEST = ("input_tokens", "output_tokens", "cost", "failed")
PER_ENDED = ("merged", "reverted")
# Only prompts with the most requests are compared.
MOST_PROMPTS = 20


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


def changes(uses: VersionUses, name_of: Callable[[str], str]) -> tuple[VersionChange, ...]:
    """Compare the newest version of each name with the one used most beside it, where they can be compared."""
    found = (_change(uses, old, new) for old, new in pairs(uses, name_of))
    return tuple(each for each in found if each)


def pairs(uses: VersionUses, name_of: Callable[[str], str]) -> list[tuple[str, str]]:
    """Return the old and the new version of each name with several versions, those with most requests first."""
    requests, begun = _sums(uses)
    names: dict[str, list[str]] = {}
    for version in requests:
        names.setdefault(name_of(version), []).append(version)
    several = [versions for name, versions in names.items() if name and len(versions) > 1]
    largest = sorted(several, key=lambda versions: -sum(requests[each] for each in versions))[:MOST_PROMPTS]
    newest = [max(versions, key=lambda each: (begun[each], each)) for versions in largest]
    others = ([each for each in versions if each != new] for versions, new in zip(largest, newest, strict=True))
    return [(max(rest, key=lambda each: requests[each]), new) for rest, new in zip(others, newest, strict=True)]


def _sums(uses: VersionUses) -> tuple[dict[str, float], dict[str, int]]:
    """Return the requests of each version, and its first week."""
    requests: dict[str, float] = {}
    begun: dict[str, int] = {}
    for version, week, number in zip(uses.versions, uses.week.tolist(), uses.requests.tolist(), strict=True):
        requests[version] = requests.get(version, 0) + number
        begun[version] = min(begun.get(version, week), week)
    return requests, begun


def _change(uses: VersionUses, old: str, new: str) -> VersionChange | None:
    """Compare two versions side by side, or before and after where no team used both at a time."""
    labels = np.array(uses.versions)
    both = (labels == old) | (labels == new)
    for design in (Design.SIDE_BY_SIDE, Design.BEFORE_AFTER):
        found = _compare(uses, both, labels == new, design)
        if tokens := found["input_tokens"]:
            effects = {name: each.effect if each else None for name, each in found.items()}
            return VersionChange(old, new, design, tokens.teams, effects, sentence(old, new, tokens, found["merged"]))
    return None


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
