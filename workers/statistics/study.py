"""The study of one organization: for each outcome the effect, the trend before, false dates, and a verdict."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workers.statistics.arrays import Mask, Real
from workers.statistics.comparable import Matched, later, match
from workers.statistics.estimates import Estimate
from workers.statistics.event_study import EventStudy, study
from workers.statistics.placebo import Placebo, placebos
from workers.statistics.rollout import Rollout
from workers.statistics.trend import differed_before, trend_before
from workers.statistics.verdict import LEAST_TEAMS, Outcome, Verdict, judge

# Half a year after adoption is studied.
HORIZON = 26


@dataclass(frozen=True, slots=True)
class Size:
    """The least a team must have to be compared: people, where known, and merged pull requests in all weeks."""

    people: int
    pull_requests: int


@dataclass(frozen=True, slots=True)
class Studied:
    """What was found of one outcome; `trend` is how much more adopters grew each week before adoption."""

    outcome: Outcome
    verdict: Verdict
    effect: EventStudy | None
    trend: Estimate | None
    placebos: tuple[Placebo, ...]


@dataclass(frozen=True, slots=True)
class Effects:
    """The effects of one rollout, and which teams they are about."""

    adopters: int
    comparisons: int
    too_early: int
    without_comparison: int
    small: int
    outcomes: tuple[Studied, ...]


def study_rollout(rollout: Rollout, people: Real, outcomes: Mapping[Outcome, Real], least: Size) -> Effects:
    """Study what adoption did to each outcome (teams, weeks); `people` (teams,) is NaN where unknown.

    Teams below `least` are left out, so that no figure is about a few people.
    """
    merged = outcomes[Outcome.MERGED]
    large = large_enough(people, np.where(rollout.observed, merged, 0).sum(axis=1), least)
    kept = rollout.of_teams(large)
    matched = match(kept, merged[large], people[large])
    chosen = np.flatnonzero(large)[matched.teams]
    compared = kept.of_teams(matched.teams)
    studied = tuple(_study(name, compared, values[chosen]) for name, values in outcomes.items())
    return _effects(compared, matched, int((~large).sum()), studied)


def large_enough(people: Real, merged: Real, least: Size) -> Mask:
    """Return which teams are compared, by people and by merged pull requests (teams,)."""
    large: Mask = ~(people < least.people) & (merged >= least.pull_requests)
    return large


def _study(outcome: Outcome, rollout: Rollout, values: Real) -> Studied:
    adopters, comparisons = int(rollout.adopters.sum()), _comparisons(rollout)
    if min(adopters, comparisons) < LEAST_TEAMS:
        return Studied(outcome, judge(outcome, adopters, comparisons, None, None), None, None, ())
    effect, trend, false = study(rollout, values, HORIZON), trend_before(rollout, values), placebos(rollout, values)
    verdict = judge(outcome, adopters, comparisons, effect.total, differed_before(trend, false))
    return Studied(outcome, verdict, effect, trend, false)


def _comparisons(rollout: Rollout) -> int:
    """Return the number of teams that some adopter is compared with: they never adopted, or did so later."""
    return int(later(rollout)[rollout.adopters].any(axis=0).sum())


def _effects(rollout: Rollout, matched: Matched, small: int, studied: tuple[Studied, ...]) -> Effects:
    return Effects(
        int(rollout.adopters.sum()),
        _comparisons(rollout),
        matched.too_early,
        matched.without_comparison,
        small,
        studied,
    )
