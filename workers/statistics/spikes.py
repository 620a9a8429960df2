"""Finds when spend rose: the week and fortnight against the weeks before, and CUSUM on daily residuals. Pure.

Both are measured in the series' own noise, so that a small, uneven team raises no more false alarms than a large one.
`python -m tests.benchmarks.spikes` measures how many there are, and how soon steps are found. The date of a step is its
most likely one, by trying each day; ruptures dates fewer of them within two days (`ruptures_reference`).
"""

from typing import NamedTuple

import numpy as np

from workers.statistics.arrays import Real
from workers.statistics.usual_days import LEAST_WEEKS, NOTHING, PRIOR_VARIANCE, WEEK, Usual, usual_days

# Windows that are compared with the weeks before them, and the number of standard deviations that is an alarm.
WINDOWS = (WEEK, 2 * WEEK)
WINDOW_ALARM = 2.02
# How much larger the limits of an alarm are for each unit of variance above the usual.
NOISE_STRICTNESS = 2.0
# How much the level itself wanders in a few weeks, relative, and what its estimate from the weeks before adds.
LEVEL_DEVIATION = 0.1
LEVEL_VARIANCE = 0.07
# CUSUM (Page 1954) in standard deviations of a mean workday: what each day must exceed, the most that one day counts,
# and the sum that is an alarm. Its baseline ends a week before the day, so that a step does not hide itself.
CUSUM_ALLOWANCE = 0.8
CUSUM_LARGEST = 3.0
CUSUM_ALARM = 10.0
CUSUM_GAP = WEEK
# Days after an alarm that belong to it, and the most days that may lie between a rise and its alarm.
QUIET_DAYS = 14
LONGEST_DAYS = 28
# How much larger the limits of an alarm are for alarms that are e times rarer.
RARER_STRICTNESS = 0.155
# Smaller rises are no news, however sure.
LEAST_RATIO = 1.15
FIRST_DAY = LEAST_WEEKS * WEEK + 2 * WEEK


class Spike(NamedTuple):
    """A rise of one series: the days (counted from the first) on which it began and was found, and how large it is.

    `expected` and `spent` are sums from the first to the last of these days.
    """

    began: int
    found: int
    expected: float
    spent: float

    @property
    def ratio(self) -> float:
        """How many times the usual spend."""
        return self.spent / max(self.expected, NOTHING)


def find_spikes(spend: Real, limits: Real | None = None) -> list[list[Spike]]:
    """Return the rises of each series (series, days) in their order; nothing in the first FIRST_DAY days.

    What was found becomes usual, so that one step is one alarm. `limits` are factors of the limits of an alarm, of each
    series (see `limit_of`).
    """
    least = np.ones(len(spend)) if limits is None else limits
    series, since = spend.copy(), np.zeros(len(spend), dtype=np.int64)
    found: list[list[Spike]] = [[] for _ in spend]
    rows = np.arange(len(spend))
    while len(rows):
        alarms = alarm_scores(series[rows]) >= least[rows, None]
        alarms &= np.arange(spend.shape[1]) >= since[rows, None]
        first, rows = np.argmax(alarms, axis=1)[alarms.any(axis=1)], rows[alarms.any(axis=1)]
        for row, day in zip(rows, first, strict=True):
            spike = date_spike(series[row], int(day))
            if spike.ratio >= LEAST_RATIO:
                found[row].append(spike)
            series[row, : spike.began] *= _lasting_ratio(series[row], spike)
            since[row] = spike.found + QUIET_DAYS
    return found


def limit_of(rarer: float) -> float:
    """Return the factor of the limits of an alarm with which chance raises so many times fewer alarms."""
    return 1 + RARER_STRICTNESS * float(np.log(max(1.0, rarer)))


def alarm_scores(spend: Real) -> Real:
    """Return how near each day (series, days) is to an alarm, which is 1; 0 while the history is short."""
    scores = np.zeros_like(spend)
    sums = np.zeros(len(spend))
    first_end = FIRST_DAY + 1 - max(WINDOWS)
    usual = {end: usual_days(spend[:, :end]) for end in range(first_end, spend.shape[1])}
    for day in range(FIRST_DAY, spend.shape[1]):
        windows = [_window_score(spend[:, day + 1 - window : day + 1], usual[day + 1 - window]) for window in WINDOWS]
        sums = np.maximum(0, sums + _cusum_step(spend[:, day], usual[day - CUSUM_GAP]))
        both = np.maximum(np.max(windows, axis=0) / WINDOW_ALARM, sums / CUSUM_ALARM)
        scores[:, day] = both / _strictness(usual[day - CUSUM_GAP])
    return scores


def _strictness(usual: Usual) -> Real:
    """Return the factor of the alarm's limits: of noisy days, a few are more often dear by chance."""
    return 1 + NOISE_STRICTNESS * np.maximum(0, usual.variance - PRIOR_VARIANCE)


def _window_score(spend: Real, usual: Usual) -> Real:
    """Return by how many standard deviations a window's logarithm exceeds the weeks before it."""
    expected = usual.expected(spend.shape[1]).sum(axis=1)
    spent = usual.capped(spend).sum(axis=1)
    workdays = np.maximum(expected, NOTHING) / np.maximum(usual.workday, NOTHING)
    deviation = np.sqrt(usual.variance * (1 / workdays + LEVEL_VARIANCE) + LEVEL_DEVIATION**2)
    rise: Real = np.log(np.maximum(spent, NOTHING) / np.maximum(expected, NOTHING))
    return np.where(usual.level > 0, rise / deviation, 0)


def _cusum_step(spend: Real, usual: Usual) -> Real:
    """Return what a day adds to the sum; the day is CUSUM_GAP days after those that are usual."""
    expected = usual.expected(CUSUM_GAP + 1)[:, -1]
    size = np.sqrt(np.maximum(expected, 0) / np.maximum(usual.workday, NOTHING))
    deviation = np.sqrt(usual.variance) * np.maximum(usual.workday, NOTHING) * size
    steps = np.clip((spend - expected) / np.maximum(deviation, NOTHING), -CUSUM_LARGEST, CUSUM_LARGEST)
    return np.where(usual.level > 0, steps - CUSUM_ALLOWANCE * size, 0)


def _lasting_ratio(series: Real, spike: Spike) -> float:
    """Return how large a rise is over the days after it that are known."""
    last = min(spike.found + QUIET_DAYS, len(series))
    usual = usual_days(series[None, : spike.began]).expected(last - spike.began).sum()
    return max(1.0, float(series[spike.began : last].sum() / max(float(usual), NOTHING)))


def date_spike(series: Real, found: int) -> Spike:
    """Return the most likely first day of the step that was found on a day: that with the largest likelihood ratio."""
    longest = min(LONGEST_DAYS, found + 1 - LEAST_WEEKS * WEEK)
    start = found + 1 - longest
    usual = usual_days(series[None, :start])
    expected = np.cumsum(usual.expected(longest)[0][::-1])[::-1]
    spent = np.cumsum(series[start : found + 1][::-1])[::-1]
    best = int(np.argmax(step_gain(spent, expected)))
    return Spike(start + best, found, float(expected[best]), float(spent[best]))


def step_gain(spent: Real, expected: Real) -> Real:
    """Return the logarithm of the likelihood ratio of a step to what was spent (Poisson), 0 for a fall."""
    ratio = np.maximum(spent, NOTHING) / np.maximum(expected, NOTHING)
    return np.where(ratio > 1, spent * np.log(ratio) - (spent - expected), 0)
