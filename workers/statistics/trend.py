"""Whether adopters were growing faster than other teams before they adopted."""

import numpy as np

from workers.statistics.arrays import Real
from workers.statistics.estimates import COVERAGE, Estimate
from workers.statistics.placebo import Placebo
from workers.statistics.poisson import Rows, regress
from workers.statistics.rollout import Rollout


def trend_before(rollout: Rollout, outcome: Real) -> Estimate | None:
    """Return how much more adopters grew each week than others, from team-weeks without adoption.

    None where all teams adopt, because then no team shows the growth without adoption.
    """
    known = rollout.observed & (rollout.since < 0)
    teams, weeks = np.nonzero(known)
    if rollout.adopters.all() or not rollout.adopters.any():
        return None
    growth = (rollout.adopters[teams] * weeks).astype(np.float64)[:, None]
    try:
        return regress(Rows(outcome[known], growth, (teams, weeks), teams, np.ones(len(teams)))).effect([1.0])
    except np.linalg.LinAlgError:
        return None


def differed_before(trend: Estimate | None, placebos: tuple[Placebo, ...]) -> str | None:
    """Return how adopters differed from other teams before adoption; None if they did not.

    A false alarm has a probability of at most 5 %: half for the trend, half for all false dates together.
    """
    alarm = (1 - COVERAGE) / 2
    if trend and abs(trend.log_ratio) > trend.margin_at(1 - alarm):
        return "adopters grew differently before adoption"
    for each in placebos:
        total = each.study.total
        if total and abs(total.log_ratio) > total.margin_at(1 - alarm / len(placebos)):
            return f"adopters changed already in the {each.shift} weeks before adoption"
    return None
