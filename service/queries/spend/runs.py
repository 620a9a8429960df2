"""Cuts periods into runs of whole months, weeks and days, so that few sums make any period. Pure."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


class Span(NamedTuple):
    """UTC days, both inclusive."""

    first: date
    last: date


class Run(NamedTuple):
    """Successive sums of one grain (day, week or month), from `begins` to before `ends`."""

    grain: str
    begins: date
    ends: date


def runs_of(span: Span) -> list[Run]:
    """Return the runs of a period, in order."""
    begins, ends = span.first, span.last + DAY
    first_month = begins if begins.day == 1 else next_month(begins)
    last_month = ends.replace(day=1)
    if first_month >= last_month:
        return list(_weeks(begins, ends))
    return [
        *_weeks(begins, first_month),
        Run("month", first_month, last_month),
        *_weeks(last_month, ends),
    ]


def next_month(day: date) -> date:
    """Return the first day of the month after a day's."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _weeks(begins: date, ends: date) -> Iterator[Run]:
    """Yield runs of whole weeks between days."""
    monday = begins + timedelta(days=-begins.weekday() % 7)
    last_monday = ends - timedelta(days=ends.weekday())
    if monday >= last_monday:
        monday = last_monday = ends
    for run in (Run("day", begins, monday), Run("week", monday, last_monday), Run("day", last_monday, ends)):
        if run.begins < run.ends:
            yield run
