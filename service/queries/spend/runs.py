"""Composes periods of the fewest sums: of months, weeks, days, and of months and years to date. Pure.

Some sums are subtracted: days from 2 to 30 November are the month less a day. Every day is added once more than it is
subtracted.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

from vocabulary.spend_cuts import TO_DATE

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
# Longer periods are left as they are, so that they have few runs.
MOST_DAYS = 3_660


class Span(NamedTuple):
    """UTC days, both inclusive."""

    first: date
    last: date


class Run(NamedTuple):
    """Successive sums of one grain (day, week or month), from `begins` to before `ends`; `sign` is -1 to subtract.

    With a grain of TO_DATE it is a single sum: the last that is known of the month or year that begins with `begins`.
    """

    grain: str
    begins: date
    ends: date
    sign: int = 1

    @property
    def number(self) -> int:
        """How many sums it has."""
        if self.grain in TO_DATE:
            return 1
        if self.grain == "month":
            return (self.ends.year - self.begins.year) * 12 + self.ends.month - self.begins.month
        return (self.ends - self.begins) // _STEPS[self.grain]

    def periods(self) -> Iterator[date]:
        """Yield the first day of each sum."""
        if self.grain in TO_DATE:
            yield self.begins
            return
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


def runs_to_date(span: Span) -> list[Run]:
    """Return the runs of a period of sums that are kept to date as well."""
    plain = runs_of(span)
    if (span.last - span.first).days >= MOST_DAYS:
        return plain
    return min(plain, _to_date(span.first, span.last + DAY), key=lambda way: _cost(way, 1))


def _to_date(begins: date, ends: date) -> list[Run]:
    """Return what the years of a period were until it ended, less what the first was before it began."""
    added = [
        Run("year_to_date", date(year, 1, 1), date(year + 1, 1, 1)) for year in range(begins.year, (ends - DAY).year)
    ]
    added += _until(ends)
    before = [] if begins == begins.replace(month=1, day=1) else _until(begins)
    subtracted = [run._replace(sign=-1) for run in before]
    both = set(before) & set(added)
    return [run for run in (*added, *subtracted) if run._replace(sign=1) not in both]


def _until(ends: date) -> list[Run]:
    """Return the runs of the year in which the last day before `ends` is, until that day."""
    last = ends - DAY
    january, month = last.replace(month=1, day=1), ends.replace(day=1)
    whole = [Run("year_to_date", january, month)] if january < month else []
    return [*whole, *([Run("month_to_date", month, ends)] if month < ends else [])]


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
