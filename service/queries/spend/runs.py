"""Composes periods of months, weeks and days with as few sums as possible, some of them subtracted. Pure.

Days from 2 to 30 November are the month less a day: every day is added once more than it is subtracted.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


class Span(NamedTuple):
    """UTC days, both inclusive."""

    first: date
    last: date


class Run(NamedTuple):
    """Successive sums of one grain (day, week or month), from `begins` to before `ends`; `sign` is -1 to subtract."""

    grain: str
    begins: date
    ends: date
    sign: int = 1

    @property
    def number(self) -> int:
        """How many sums it has."""
        if self.grain == "month":
            return (self.ends.year - self.begins.year) * 12 + self.ends.month - self.begins.month
        return (self.ends - self.begins) // _STEPS[self.grain]

    def periods(self) -> Iterator[date]:
        """Yield the first day of each sum."""
        begins = self.begins
        while begins < self.ends:
            yield begins
            begins = next_month(begins) if self.grain == "month" else begins + _STEPS[self.grain]


_STEPS = {"day": DAY, "week": WEEK}


def runs_of(span: Span, day_cost: int = 1) -> list[Run]:
    """Return the runs of a period, whose signed sums hold each of its days once and no other day.

    `day_cost` says how much longer reading a day takes than reading a week or month.
    """
    begins, ends = span.first, span.last + DAY
    # Most buckets are one of these.
    for grain, bounds in (("day", _days), ("week", _mondays), ("month", _months)):
        if _near(bounds, begins) == (begins, ends):
            return [Run(grain, begins, ends)]
    ways = [_weeks(begins, ends, day_cost)]
    for first, last in product(_near(_months, begins), _near(_months, ends)):
        ways.append([*_weeks(begins, first, day_cost), *_run("month", first, last), *_weeks(last, ends, day_cost)])
    return min(ways, key=lambda way: _cost(way, day_cost))


def next_month(day: date) -> date:
    """Return the first day of the month after a day's."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _cost(way: list[Run], day_cost: int) -> tuple[int, int]:
    return sum(run.number * (day_cost if run.grain == "day" else 1) for run in way), len(way)


def _weeks(begins: date, ends: date, day_cost: int) -> list[Run]:
    """Return the best way with weeks and days alone."""
    ways = [_run("day", begins, ends)]
    for first, last in product(_near(_mondays, begins), _near(_mondays, ends)):
        ways.append([*_run("day", begins, first), *_run("week", first, last), *_run("day", last, ends)])
    return min(ways, key=lambda way: _cost(way, day_cost))


def _run(grain: str, begins: date, ends: date) -> list[Run]:
    """Return the run between two bounds, subtracted if the first is the later one; none if they are the same."""
    if begins == ends:
        return []
    return [Run(grain, begins, ends)] if begins < ends else [Run(grain, ends, begins, -1)]


def _near(bounds: Callable[[date], tuple[date, ...]], day: date) -> tuple[date, ...]:
    """Return the bounds around a day; none at the end of the calendar."""
    try:
        return bounds(day)
    except OverflowError:
        return ()


def _days(day: date) -> tuple[date, date]:
    return day, day + DAY


def _mondays(day: date) -> tuple[date, date]:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + WEEK


def _months(day: date) -> tuple[date, date]:
    return day.replace(day=1), next_month(day)
