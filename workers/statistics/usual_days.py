"""What a day usually costs: the level of the weeks before, the share of each weekday, and how much days vary. Pure.

Arrays have shape (series, days); every seventh day is the same weekday. Money is in any unit.
"""

from typing import NamedTuple

import numpy as np

from workers.statistics.arrays import Real

WEEK = 7
WORKDAYS = 5
# Weeks from which the level is taken, if there are as many, and the least with which anything is said.
WEEKS = 8
LEAST_WEEKS = 4
# The relative variance of a day of mean spend that is assumed before a series has shown its own, worth so many days.
PRIOR_VARIANCE = 0.1
PRIOR_DAYS = 10
# Weeks around a week from which its own level is taken.
NEAR = 2
# Days off, and days that cost a multiple, are left out when the variation of days is measured.
LARGEST_DEVIATION = 2.0
NOTHING = 1e-9


class Usual(NamedTuple):
    """Spend of a week (series,), share of each day of a week (series, 7), and the relative variance of a mean workday.

    The first share is that of the day after the weeks from which they were taken.
    """

    level: Real
    shares: Real
    variance: Real

    @property
    def workday(self) -> Real:
        """Spend of a mean workday."""
        return self.level / WORKDAYS

    def expected(self, days: int) -> Real:
        """Return the spend that is usual on each of the days after the weeks (series, days)."""
        place = np.arange(days) % WEEK
        return self.level[:, None] * self.shares[:, place]

    def capped(self, spend: Real) -> Real:
        """Cut days after the weeks (series, days) to the most that counts, lest one dear day look like a step."""
        expected = self.expected(spend.shape[1])
        deviation = np.sqrt(np.maximum(expected, 0) * self.workday[:, None])
        return np.minimum(spend, expected + LARGEST_DEVIATION * deviation)


def usual_days(spend: Real) -> Usual:
    """Describe the last weeks of some series; ValueError for fewer than LEAST_WEEKS."""
    weeks = min(WEEKS, spend.shape[1] // WEEK)
    if weeks < LEAST_WEEKS:
        raise ValueError(f"needs {LEAST_WEEKS} weeks")
    days = spend[:, -weeks * WEEK :].reshape(len(spend), weeks, WEEK)
    sums = days.sum(axis=2)
    shares = np.median(days / np.maximum(sums, NOTHING)[:, :, None], axis=1)
    shares /= np.maximum(shares.sum(axis=1), NOTHING)[:, None]
    return Usual(np.median(sums, axis=1), shares, _variance(days, sums, shares))


def _variance(days: Real, sums: Real, shares: Real) -> Real:
    """Return the variance of a mean workday: that of a day grows with its mean, as it does for independent requests."""
    weeks = sums.shape[1]
    near = [np.median(sums[:, max(0, week - NEAR) : week + NEAR + 1], axis=1) for week in range(weeks)]
    levels = np.stack(near, axis=1)[:, :, None]
    means = np.maximum(levels * shares[:, None, :], NOTHING)
    deviations = (days - means) / np.sqrt(means * np.maximum(levels, NOTHING) / WORKDAYS)
    squares = np.clip(deviations, -LARGEST_DEVIATION, LARGEST_DEVIATION) ** 2
    seen = (squares * means).sum(axis=(1, 2)) / means.sum(axis=(1, 2))
    workdays = weeks * WORKDAYS
    result: Real = (seen * workdays + PRIOR_VARIANCE * PRIOR_DAYS) / (workdays + PRIOR_DAYS)
    return result
