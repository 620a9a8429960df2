"""Forecasts of spend: the run-rate, or smoothing of weeks where that beat it on the series' own past. Pure.

The level of a week comes from the last weeks, days from the share of each weekday. Each model is judged as it would
have forecast in every week of the past (rolling origin), and the same errors give the interval.
`python -m tests.benchmarks.forecasts` measures both.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from workers.statistics.arrays import Real
from workers.statistics.usual_days import LEAST_WEEKS, NOTHING, WEEK, WORKDAYS, usual_days

RUN_RATE = "run_rate"
RUN_RATE_WEEKS = 4
# Models by the weight of the newest week; the run-rate weighs its four weeks equally.
SMOOTHING: Mapping[str, float] = {f"smoothing_{weight}": weight for weight in (0.1, 0.2, 0.3, 0.5)}
HORIZON_WEEKS = 4
# Origins at which models are judged: the newest, each after so many weeks of history, and the least to judge at all.
MOST_ORIGINS = 30
WARM_UP_WEEKS = 8
LEAST_ORIGINS = 4
# Origins share weeks, so that so many of them are worth one.
SHARED_WEEKS = 3
# What errors are assumed to be before a series has shown its own, worth so many origins: noise of days and wandering.
PRIOR_ORIGINS = 6
WANDER = 0.04
# The quantile of a normal distribution that an interval of 80 % needs.
QUANTILE = 1.2816


class Forecast(NamedTuple):
    """The spend of each day to come, their sum with an interval that holds it in 80 % of cases, and the model."""

    daily: Real
    total: float
    low: float
    high: float
    model: str


class Crossing(NamedTuple):
    """The day to come (from 0) on which a budget is exceeded, and with the interval's bounds; None if it is not."""

    likely: int | None
    earliest: int | None
    latest: int | None


def forecast(spend: Real, days: int) -> Forecast | None:
    """Forecast the next days from the days until yesterday, oldest first; None below LEAST_WEEKS of history."""
    if len(spend) < LEAST_WEEKS * WEEK or days < 1:
        return None
    weeks = spend[len(spend) % WEEK :].reshape(-1, WEEK).sum(axis=1)
    usual = usual_days(spend[None])
    model, errors = _choose(weeks)
    daily = _levels(weeks, model)[-1] * usual.expected(days)[0] / max(float(usual.level[0]), NOTHING)
    deviation = _deviation(errors, float(usual.variance[0]), daily)
    total = float(daily.sum())
    return Forecast(daily, total, total * np.exp(-QUANTILE * deviation), total * np.exp(QUANTILE * deviation), model)


def crossing(found: Forecast, spent: float, budget: float) -> Crossing:
    """Return when a budget is exceeded, of which something is spent already."""
    factors = (1.0, found.high / max(found.total, NOTHING), found.low / max(found.total, NOTHING))
    return Crossing(*(_first_above(spent + np.cumsum(found.daily) * factor, budget) for factor in factors))


def _choose(weeks: Real) -> tuple[str, Real]:
    """Return the model and its errors (origins,), logarithms of true over forecast."""
    last = len(weeks) - HORIZON_WEEKS
    origins = np.arange(max(WARM_UP_WEEKS - 1, last - MOST_ORIGINS), last)
    if len(origins) < LEAST_ORIGINS:
        return RUN_RATE, np.empty(0)
    sums = np.concatenate([[0], np.cumsum(weeks)])
    true = (sums[origins + 1 + HORIZON_WEEKS] - sums[origins + 1]) / HORIZON_WEEKS
    errors = {
        model: np.log(np.maximum(true, NOTHING) / np.maximum(_levels(weeks, model)[origins], NOTHING))
        for model in (RUN_RATE, *SMOOTHING)
    }
    # The first of equals is the run-rate.
    model = min(errors, key=lambda each: float(np.abs(errors[each]).mean()))
    return model, errors[model]


def _levels(weeks: Real, model: str) -> Real:
    """Return the level of a week that a model sees after each week."""
    weight = SMOOTHING.get(model)
    if weight is None:
        sums = np.concatenate([[0], np.cumsum(weeks)])
        number = np.arange(1, len(weeks) + 1)
        first = np.maximum(number - RUN_RATE_WEEKS, 0)
        means: Real = (sums[number] - sums[first]) / (number - first)
        return means
    levels = np.empty(len(weeks))
    level = weighed = 0.0
    for place, week in enumerate(weeks):
        level, weighed = (1 - weight) * level + weight * week, (1 - weight) * weighed + weight
        levels[place] = level / weighed
    return levels


def _deviation(errors: Real, variance: float, daily: Real) -> float:
    """Return the standard deviation of the logarithm of a forecast's error.

    Fewer days than the four weeks that were judged vary more, by their own noise; more days wander further.
    """
    judged_days = HORIZON_WEEKS * WORKDAYS
    prior = 2 * variance / judged_days + WANDER**2
    worth = len(errors) / SHARED_WEEKS
    known = float((errors**2).sum()) / SHARED_WEEKS if len(errors) else 0.0
    squared = (known + prior * PRIOR_ORIGINS) / (worth + PRIOR_ORIGINS)
    workdays = max(1.0, float(daily.sum()) / max(float(daily.max()), NOTHING))
    weeks = len(daily) / WEEK / HORIZON_WEEKS
    noise = variance * max(0.0, 1 / workdays - 1 / judged_days)
    return float(np.sqrt(squared * max(1.0, weeks) + noise))


def _first_above(sums: Real, limit: float) -> int | None:
    above = np.flatnonzero(sums > limit)
    return int(above[0]) if len(above) else None
