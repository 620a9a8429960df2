"""How often merged pull requests were pushed again, reviewed, reverted and fixed, by what they were made with.

Groups are compared within the same team and four weeks, for pull requests of the same size: bare means would compare
teams and kinds of work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import exp, log
from typing import NamedTuple

import numpy as np

from workers.statistics.arrays import Mask, Real, Whole
from workers.statistics.estimates import Estimate
from workers.statistics.poisson import LEAST_CLUSTERS
from workers.statistics.study import Size, large_enough
from workers.statistics.versions import Change, Design, VersionRows, compare

# What is counted for each merged pull request; the last two are 0 or 1.
COUNTED = ("pushes_after_opening", "review_rounds", "reverted", "fix_released")
# What pull requests are grouped by; `ai_share` are thirds by output tokens for each changed line.
DIMENSIONS = ("context_tier", "model_family", "prompt_version", "ai_share")
SHARES = ("low", "middle", "high")
NO_TOKENS = None
# More groups, such as prompt versions, are counted together.
MOST_GROUPS = 20
OTHERS = "other"
# Sizes are held fixed if at least this part of them is known.
MOST_SIZES = 0.5
# With no event among n, an interval of 95 % ends at 3 / n.
RULE_OF_THREE = 3.0

Group = str | None


@dataclass(frozen=True, slots=True)
class MergedWork:
    """Merged pull requests, none of them by bots; arrays have shape (n,).

    `people` are those of the team, and `lines` the changed lines, NaN where unknown; `period` numbers four weeks.
    `output` are the output tokens spent on it. `made_with` names the group of each pull request by dimension, None
    without tokens; `counted` has an array for each of COUNTED.
    """

    team: Whole
    period: Whole
    people: Real
    lines: Real
    output: Real
    made_with: Mapping[str, tuple[Group, ...]]
    counted: Mapping[str, Real]

    def at(self, kept: Mask) -> "MergedWork":
        """Return some of the pull requests."""
        return MergedWork(
            self.team[kept],
            self.period[kept],
            self.people[kept],
            self.lines[kept],
            self.output[kept],
            {
                name: tuple(group for group, is_kept in zip(groups, kept, strict=True) if is_kept)
                for name, groups in self.made_with.items()
            },
            {name: values[kept] for name, values in self.counted.items()},
        )


class Rate(NamedTuple):
    """A sum over a number of pull requests, and the interval of the ratio; None where too few teams tell it."""

    total: int
    each: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class GroupFound:
    """The pull requests of one group, and how each count differs from the reference group; None where unknown."""

    group: Group
    pull_requests: int
    teams: int
    rates: Mapping[str, Rate]
    effects: Mapping[str, Change | None] = field(default_factory=dict)
    design: Design | None = None


@dataclass(frozen=True, slots=True)
class IterationStudy:
    """All pull requests, and the groups of each dimension, largest first: the first is the reference."""

    total: GroupFound
    dimensions: Mapping[str, tuple[GroupFound, ...]]


def study_iterations(work: MergedWork, least: Size) -> IterationStudy:
    """Study all dimensions; beside other teams, teams below `least` are left out."""
    kept = work.at(_of_large_teams(work, least))
    kept = replace(kept, made_with={**kept.made_with, "ai_share": ai_shares(kept)})
    everything = np.ones(len(kept.team), dtype=bool)
    return IterationStudy(
        _found(kept, None, everything),
        {name: _groups(kept, _largest(kept.made_with[name]), least) for name in DIMENSIONS},
    )


def _of_large_teams(work: MergedWork, least: Size) -> Mask:
    teams, places = np.unique(work.team, return_inverse=True)
    if len(teams) < 2:  # noqa: PLR2004 - a single team is not compared
        return np.ones(len(work.team), dtype=bool)
    people = np.zeros(len(teams))
    people[places] = work.people
    kept: Mask = large_enough(people, np.bincount(places).astype(np.float64), least)[places]
    return kept


def ai_shares(work: MergedWork) -> tuple[Group, ...]:
    """Return the third of each pull request by output tokens for each changed line; empty for an unknown size."""
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(work.lines > 0, work.output / work.lines, np.nan)
    known = np.isfinite(each) & (work.output > 0)
    limits = np.quantile(each[known], [1 / 3, 2 / 3]) if known.any() else np.zeros(2)
    thirds = np.searchsorted(limits, np.nan_to_num(each), side="left")
    shares = zip(work.output > 0, known, thirds, strict=True)
    return tuple(NO_TOKENS if not spent else SHARES[third] if is_known else "" for spent, is_known, third in shares)


def _largest(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """Return the groups, the small ones of very many as one."""
    numbers: dict[Group, int] = {}
    for group in groups:
        numbers[group] = numbers.get(group, 0) + 1
    named = sorted(numbers, key=lambda group: (-numbers[group], group or ""))
    kept = {*named[:MOST_GROUPS], None}
    return tuple(group if group in kept else OTHERS for group in groups)


def _groups(work: MergedWork, groups: tuple[Group, ...], least: Size) -> tuple[GroupFound, ...]:
    names = list(dict.fromkeys(groups))
    codes = np.array([names.index(group) for group in groups], dtype=np.int64)
    found = [_found(work, group, codes == code) for code, group in enumerate(names)]
    # What no tokens were spent on comes last, and is never the reference.
    found.sort(key=lambda each: (each.group is NO_TOKENS, -each.pull_requests, each.group or ""))
    reference = found[0] if found else None
    if reference is None or reference.group is NO_TOKENS:
        return tuple(found)
    compared = (
        _compared(work, each, codes == names.index(each.group), codes == names.index(reference.group))
        if each.pull_requests >= least.pull_requests
        else each
        for each in found[1:]
    )
    return reference, *compared


def _found(work: MergedWork, group: Group, members: Mask) -> GroupFound:
    rates = {name: rate(work.counted[name][members], work.team[members]) for name in COUNTED}
    return GroupFound(group, int(members.sum()), len(np.unique(work.team[members])), rates)


def rate(counts: Real, team: Whole) -> Rate:
    """Return Σ ÷ n with its interval, from the variation between teams."""
    number, total = len(counts), float(counts.sum())
    if not number:
        return Rate(0, None, None, None)
    places = np.unique(team, return_inverse=True)[1]
    clusters = int(places.max()) + 1
    each = total / number
    if clusters < LEAST_CLUSTERS:
        return Rate(int(total), each, None, None)
    if not total:
        return Rate(0, 0.0, 0.0, RULE_OF_THREE / number)
    scores = np.bincount(places, counts - each)
    error = float(np.sqrt(clusters / (clusters - 1) * np.sum(scores**2))) / total
    estimate = Estimate(log(each), error, clusters - 1)
    return Rate(int(total), each, exp(log(each) - estimate.margin), exp(log(each) + estimate.margin))


def _compared(work: MergedWork, found: GroupFound, members: Mask, reference: Mask) -> GroupFound:
    """Compare a group with the reference side by side, or before and after where no team used both at a time."""
    both = members | reference
    sized = np.isfinite(work.lines)
    # Where most sizes are known, the others are left out: they could not be held fixed.
    has_sizes = sized[both].mean() >= MOST_SIZES
    both = both & sized if has_sizes else both
    part = work.at(both)
    rows = VersionRows(part.team, part.period, 0 * part.team, members[both], np.ones(len(part.team)))
    controls = np.log1p(part.lines)[:, None] if has_sizes else None
    for design in Design:
        effects = {name: compare(rows, part.counted[name], design, controls) for name in COUNTED}
        if any(effects.values()):
            return replace(found, effects=effects, design=design)
    return found
