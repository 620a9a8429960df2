"""Team-weeks without chance in which the outcome follows use exactly."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from workers.statistics.arrays import Mask, Real, Whole


class Panel(NamedTuple):
    """Arrays of shape (teams, weeks); `organization` (teams,)."""

    outcome: Real
    tokens: Real
    people: Real
    observed: Mask
    organization: Whole


def panel(log_gain: Callable[[Real], Real], teams: int = 8, weeks: int = 24) -> Panel:
    random = np.random.default_rng(4)
    people = np.repeat(random.integers(5, 15, (teams, 1)), weeks, axis=1).astype(np.float64)
    use = np.exp(random.normal(0, 0.8, (teams, weeks)))
    lagged = (use + np.concatenate([use[:, :1], use[:, :-1]], axis=1)) / 2
    season, sprint = random.normal(0, 0.5, weeks), 0.4 * (-1.0) ** (np.arange(weeks) + np.arange(teams)[:, None])
    outcome = people * np.exp(season + sprint + log_gain(lagged))
    observed = np.ones((teams, weeks), bool)
    return Panel(outcome, use * people * 1e6, people, observed, np.zeros(teams, np.int64))
