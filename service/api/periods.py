"""Parsing of periods: dates or RFC 3339 times. All days are UTC."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, TypeAlias

from litestar.params import QueryParameter

from schema.errors import BadInputError

From: TypeAlias = Annotated[
    str | None, QueryParameter(name="from", description="Start of the period: UTC date or RFC 3339 time")
]
To: TypeAlias = Annotated[
    str | None, QueryParameter(name="to", description="End of the period: UTC date (inclusive) or RFC 3339 time")
]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# An unescaped plus sign in a query string arrives as a space.
_LOST_PLUS = re.compile(r" (\d{2}:\d{2})$")
DAY = timedelta(days=1)


class Bucket(StrEnum):
    """Length of each period; weeks start on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


LOOK_BACK: Mapping[Bucket, timedelta] = {
    Bucket.DAY: timedelta(days=30),
    Bucket.WEEK: timedelta(weeks=12),
    Bucket.MONTH: timedelta(days=365),
    Bucket.QUARTER: timedelta(days=730),
}


@dataclass(frozen=True, slots=True)
class Period:
    """A range of UTC days, both inclusive; None means unbounded."""

    first: date | None
    last: date | None


def read_start(text: str, field: str) -> datetime:
    """Parse the start of a period; raises BadInputError."""
    instant, _ = _read(text, field)
    return instant


def read_end(text: str, field: str) -> datetime:
    """Parse the exclusive end of a period; a date ends at the end of its day. Raises BadInputError."""
    instant, is_date = _read(text, field)
    try:
        return instant + DAY if is_date else instant
    except OverflowError as error:
        raise BadInputError("is too far in the future; write an earlier day as YYYY-MM-DD", field=field) from error


def read_instants(
    start: str | None, end: str | None, start_field: str = "from", end_field: str = "to"
) -> tuple[datetime | None, datetime | None]:
    """Parse a half-open range of times; raises BadInputError if it is empty or malformed."""
    begins = read_start(start, start_field) if start else None
    ends = read_end(end, end_field) if end else None
    if begins is not None and ends is not None and begins >= ends:
        raise BadInputError(f"must be later than {start_field}", field=end_field)
    return begins, ends


def read_period(start: str | None, end: str | None) -> Period:
    """Return the UTC days that a range of times overlaps; raises BadInputError."""
    begins, ends = read_instants(start, end)
    return Period(begins.date() if begins else None, (ends - timedelta.resolution).date() if ends else None)


def read_bucketed_period(start: str | None, end: str | None, bucket: Bucket, today: date) -> tuple[date, date]:
    """Return the first and last day of a metric.

    By default the period ends today and starts LOOK_BACK earlier, at the start of a bucket. Raises BadInputError.
    """
    period = read_period(start, end)
    last = period.last or today
    try:
        first = period.first or bucket_start(last - LOOK_BACK[bucket], bucket)
    except OverflowError as error:
        raise BadInputError("is too far in the past; write a later day as YYYY-MM-DD", field="to") from error
    if first > last:
        raise BadInputError("must not be after to (default: today)", field="from")
    return first, last


def bucket_start(day: date, bucket: Bucket) -> date:
    """Return the first day of the bucket that contains a day, like PostgreSQL's date_trunc."""
    if bucket is Bucket.WEEK:
        return day - timedelta(days=day.weekday())
    if bucket is Bucket.MONTH:
        return day.replace(day=1)
    if bucket is Bucket.QUARTER:
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day


def _read(text: str, field: str) -> tuple[datetime, bool]:
    """Return the time in UTC, and whether the text is only a date."""
    text = _LOST_PLUS.sub(r"+\1", text.strip())
    try:
        if _DATE.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), time(), UTC), True
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC), False
    except (ValueError, OverflowError):
        pass
    raise BadInputError("must be a date (YYYY-MM-DD) or an RFC 3339 time (2026-11-22T08:00:00Z)", field=field)
