"""The two periods of a comparison. Pure; all days are UTC."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Annotated, NamedTuple, TypeAlias

from litestar.params import QueryParameter

from schema.errors import BadInputError
from service.api.periods import DAY, read_period

Compare: TypeAlias = Annotated[
    str,
    QueryParameter(
        description="What to compare with: the period before (`previous`), a `year` before, or a range of UTC days "
        "(`2026-09-01..2026-09-30`)"
    ),
]
WEEKS = timedelta(weeks=4)
YEAR = timedelta(weeks=52)
MONTHS = 12


class Days(NamedTuple):
    """A range of days, both inclusive."""

    first: date
    last: date


class ComparedPeriods(NamedTuple):
    """The period that is asked for, and the one that it is compared with."""

    before: Days
    after: Days


def read_compared_periods(start: str | None, end: str | None, compare: str, today: date) -> ComparedPeriods:
    """Return both periods. By default, the four full weeks (from Monday) up to today are asked for.

    The period before whole months are as many whole months, and a year before them the same months; any other period
    is compared with as many days before, or with the same weekdays 52 weeks before. Raises BadInputError.
    """
    period = read_period(start, end)
    last = period.last or today - timedelta(days=today.weekday() + 1)
    try:
        after = Days(period.first or last - WEEKS + DAY, last)
        if after.last > today:
            raise BadInputError(f"must not be after today ({today}): days to come would look like a fall", field="to")
        if after.first > after.last:
            raise BadInputError(f"must not be after to ({after.last})", field="from")
        return ComparedPeriods(_compared(after, compare), after)
    except (OverflowError, ValueError) as error:
        raise BadInputError("is too far in the past; write a later day as YYYY-MM-DD", field="from") from error


def _compared(after: Days, compare: str) -> Days:
    months = _months(after)
    if compare == "previous":
        length = after.last - after.first + DAY
        return _earlier_months(after, months) if months else Days(after.first - length, after.first - DAY)
    if compare == "year":
        return _earlier_months(after, MONTHS) if months else Days(after.first - YEAR, after.last - YEAR)
    try:
        days = Days(*map(date.fromisoformat, compare.split("..")))
    except (TypeError, ValueError):
        days = None
    if days is None or days.first > days.last:
        raise BadInputError(
            "must be previous, year, or a range of days such as 2026-09-01..2026-09-30", field="compare"
        )
    return days


def _months(days: Days) -> int:
    """Return of how many whole calendar months a range consists, 0 if of none."""
    if days.first.day != 1 or days.last.day != monthrange(days.last.year, days.last.month)[1]:
        return 0
    return _number(days.last) - _number(days.first) + 1


def _earlier_months(days: Days, months: int) -> Days:
    first, last = _number(days.first) - months, _number(days.last) - months
    last_year, last_month = divmod(last, MONTHS)
    return Days(
        date(first // MONTHS, first % MONTHS + 1, 1),
        date(last_year, last_month + 1, monthrange(last_year, last_month + 1)[1]),
    )


def _number(day: date) -> int:
    """Return months since the year 0."""
    return day.year * MONTHS + day.month - 1
