"""Hours that share one fit: those of an ISO week, fitted with a margin before and after.

Rates depend only on the week and its margin. So a week settles the same alone as within a year, and a changed day
affects no ledger beyond the margin.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

from workers.attribution.ledger import EPOCH
from workers.attribution.methods import Method
from workers.attribution.window_columns import HOURS_A_DAY

WEEK = timedelta(days=7)


class Block(NamedTuple):
    """Hours since the epoch, ends excluded: the hours that are written, and the wider span they are fitted on."""

    first: int
    last: int
    fit_first: int
    fit_last: int


def blocks(days: Collection[date], method: Method) -> list[Block]:
    """Return the ISO weeks of the days, in order."""
    margin = timedelta(days=method.margin_days)
    return [
        Block(*map(_hour, (week, week + WEEK, week - margin, week + WEEK + margin)))
        for week in sorted({_monday(day) for day in days})
    ]


def data_span(days: Collection[date], method: Method) -> tuple[date, date]:
    """Return the first day, and the day after the last, whose windows affect the ledger of these days."""
    if method.prior is None:
        return min(days), max(days) + timedelta(days=1)
    margin = timedelta(days=method.margin_days)
    return _monday(min(days)) - margin, _monday(max(days)) + WEEK + margin


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _hour(day: date) -> int:
    return (day - EPOCH).days * HOURS_A_DAY
