"""Success and quality of outcomes against the tokens of each: curves that never fall, with their interval.

Each team and workflow has its own level, and so has each week. What is left is an association, as in the panel.
"""

from dataclasses import dataclass

import numpy as np

from workers.statistics.arrays import Real, Whole
from workers.statistics.poisson import LEAST_CLUSTERS, Rows
from workers.statistics.returns import Returns, returns_curve


@dataclass(frozen=True, slots=True)
class OutcomeWeeks:
    """Weeks of teams and workflows: codes (n,) of both together, of teams and of weeks; amounts (n,).

    `quality` is the sum over `with_quality` outcomes, each from 0 to 1.
    """

    cell: Whole
    team: Whole
    week: Whole
    tokens: Real
    outcomes: Real
    successes: Real
    with_success: Real
    quality: Real
    with_quality: Real


def success_returns(weeks: OutcomeWeeks) -> Returns | None:
    """Return the success rate against tokens per outcome; None with fewer than LEAST_CLUSTERS teams."""
    return _returns(weeks, weeks.successes, weeks.with_success)


def quality_returns(weeks: OutcomeWeeks) -> Returns | None:
    """Return the quality against tokens per outcome; None with fewer than LEAST_CLUSTERS teams."""
    return _returns(weeks, weeks.quality, weeks.with_quality)


def _returns(weeks: OutcomeWeeks, good: Real, known: Real) -> Returns | None:
    kept = (weeks.tokens > 0) & (weeks.outcomes > 0) & (known > 0)
    if len(np.unique(weeks.team[kept])) < LEAST_CLUSTERS:
        return None
    effects = weeks.cell[kept], weeks.week[kept]

    def rows_of(regressors: Real) -> Rows:
        return Rows(good[kept], regressors, effects, weeks.team[kept], known[kept])

    return returns_curve(weeks.tokens[kept] / weeks.outcomes[kept], rows_of)
