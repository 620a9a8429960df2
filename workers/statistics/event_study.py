"""What adopters shipped after adoption, compared with what they would have shipped without it."""

from dataclasses import dataclass

import numpy as np

from workers.statistics.arrays import Real, Whole
from workers.statistics.counterfactual import fit
from workers.statistics.estimates import Estimate
from workers.statistics.jackknife import estimate, leave_out
from workers.statistics.rollout import Rollout

# A week after adoption is shown if this many teams and this many expected outcomes stand behind it.
LEAST_TEAMS = 5
LEAST_EXPECTED = 20


@dataclass(frozen=True, slots=True)
class EventWeek:
    """The effect in one week after adoption, over the teams that are observed in it."""

    week: int
    teams: int
    effect: Estimate


@dataclass(frozen=True, slots=True)
class EventStudy:
    """The effect over all weeks after adoption, and week by week."""

    total: Estimate | None
    weeks: tuple[EventWeek, ...]
    expected: float
    actual: float


def study(rollout: Rollout, outcome: Real, weeks: int) -> EventStudy:
    """Compare the first `weeks` weeks after adoption with what the adopters would have shipped.

    `outcome` (teams, weeks) is 0 or more. The total is None if nothing was shipped before or after adoption.
    """
    groups, kinds = leave_out(rollout.adopters)
    actual, expected, teams = _sums(rollout, outcome, weeks, groups)
    total = _estimate(actual.sum(axis=1), expected.sum(axis=1), kinds)
    shown = [week for week in range(weeks) if teams[week] >= LEAST_TEAMS and expected[0, week] >= LEAST_EXPECTED]
    by_week = ((week, _estimate(actual[:, week], expected[:, week], kinds)) for week in shown)
    return EventStudy(
        total,
        tuple(EventWeek(week, int(teams[week]), effect) for week, effect in by_week if effect),
        float(expected[0].sum()),
        float(actual[0].sum()),
    )


def _sums(rollout: Rollout, outcome: Real, weeks: int, groups: Real) -> tuple[Real, Real, Whole]:
    """Return actual and expected outcomes (1 + groups, weeks after adoption), and the teams observed in each.

    The first row has all teams, the others leave out one group each.
    """
    known = rollout.observed & (rollout.since < 0)
    weights = np.vstack([np.ones(groups.shape[1]), groups])
    first = fit(outcome, known, weights[:1])
    factors = fit(outcome, known, weights, first.team[0])
    adopters = np.flatnonzero(rollout.adopters)
    places = rollout.adopted[adopters, None] + np.arange(weeks)
    inside = places < outcome.shape[1]
    places = np.where(inside, places, 0)
    week = factors.week[:, places]
    counts = (inside & rollout.observed[adopters[:, None], places]) & np.isfinite(week)
    weighed = counts * weights[:, adopters, None]
    actual = np.einsum("gtw,tw->gw", weighed, outcome[adopters[:, None], places])
    expected = np.einsum("gtw,gt,gtw->gw", weighed, factors.team[:, adopters], np.nan_to_num(week))
    return actual, expected, counts[0].sum(axis=0)


def _estimate(actual: Real, expected: Real, kinds: Whole) -> Estimate | None:
    if not (np.all(actual > 0) and np.all(expected > 0)):
        return None
    log_ratio = np.log(actual / expected)
    return estimate(float(log_ratio[0]), log_ratio[1:], kinds)
