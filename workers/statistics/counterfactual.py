"""Estimates what teams would have shipped without adopting: a Poisson fit on team-weeks without adoption.

The expected outcome of team i in week t is team_i x week_t. Both factors come from team-weeks before adoption and from
teams that never adopted, so that adopted weeks are compared only with weeks without adoption (imputation, as in
Borusyak, Jaravel and Spiess 2024, with the Poisson mean of Wooldridge 2023). Poisson only names the mean: any outcome
of 0 or more may be fitted, and intervals do not assume its variance.
"""

from typing import NamedTuple

import numpy as np

from workers.statistics.arrays import Mask, Real

# The factors change by less than this part at the end.
PRECISE = 1e-7
MOST_ROUNDS = 1000


class Factors(NamedTuple):
    """Factors of teams (fits, teams) and of weeks (fits, weeks); NaN for weeks in which nothing is known."""

    team: Real
    week: Real


def fit(outcome: Real, known: Mask, weights: Real, start: Real | None = None) -> Factors:
    """Fit the factors several times, each time with other weights of teams (fits, teams).

    `outcome` (teams, weeks) counts where `known` (teams, weeks). `start` (teams,) are factors of teams to start from.
    """
    seen = np.where(known, outcome, 0.0)
    cells = known.astype(np.float64)
    by_team, by_week = seen.sum(axis=1), weights @ seen
    team = np.ones_like(weights) * (by_team / np.maximum(cells.sum(axis=1), 1) if start is None else start)
    week = np.full((len(weights), outcome.shape[1]), np.nan)
    for _ in range(MOST_ROUNDS):
        before = week
        week = _divide(by_week, (weights * team) @ cells)
        team = _divide(by_team, np.where(np.isfinite(week), week, 0) @ cells.T)
        if _settled(before, week):
            break
    return Factors(np.nan_to_num(team), week)


def _divide(sums: Real, expected: Real) -> Real:
    unknown = np.full(np.broadcast(sums, expected).shape, np.nan)
    ratio: Real = np.divide(sums, expected, out=unknown, where=expected > 0)
    return ratio


def _settled(before: Real, after: Real) -> bool:
    known = np.isfinite(after)
    return bool(np.all(np.abs(after - before)[known] <= PRECISE * (after[known] + PRECISE)))
