"""Periods as callers write them: dates or RFC 3339 times; all days are UTC."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, TypeAlias

from litestar.params import QueryParameter

from schema.errors import BadInputError

From: TypeAlias = Annotated[
    str | None, QueryParameter(name="from", description="date or RFC 3339 time, in UTC; where the period begins")
]
To: TypeAlias = Annotated[
    str | None, QueryParameter(name="to", description="date, which is included, or RFC 3339 time, which is not")
]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# What a query string makes of an unescaped plus sign.
_LOST_PLUS = re.compile(r" (\d{2}:\d{2})$")
DAY = timedelta(days=1)


class Bucket(StrEnum):
    """How long a period of a metric is; weeks begin on Monday."""

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
    """UTC days, both included; None is open."""

    first: date | None
    last: date | None


def read_start(text: str, field: str) -> datetime:
    """Where a period begins; raises BadInputError."""
    return _read(text, field)[0]


def read_end(text: str, field: str) -> datetime:
    """Where a period ends, that instant not included: a date ends with its day. Raises BadInputError."""
    instant, is_date = _read(text, field)
    try:
        return instant + DAY if is_date else instant
    except OverflowError as error:
        raise BadInputError("is too far in the future; write an earlier day as YYYY-MM-DD", field=field) from error


def read_instants(
    start: str | None, end: str | None, start_field: str = "from", end_field: str = "to"
) -> tuple[datetime | None, datetime | None]:
    """A half-open span; raises BadInputError when it is empty or an end cannot be read."""
    begins = read_start(start, start_field) if start else None
    ends = read_end(end, end_field) if end else None
    if begins is not None and ends is not None and begins >= ends:
        raise BadInputError(f"must be later than {start_field}", field=end_field)
    return begins, ends


def read_period(start: str | None, end: str | None) -> Period:
    """The UTC days that a span touches; raises BadInputError."""
    begins, ends = read_instants(start, end)
    return Period(begins.date() if begins else None, (ends - timedelta.resolution).date() if ends else None)


def read_bucketed_period(start: str | None, end: str | None, bucket: Bucket, today: date) -> tuple[date, date]:
    """First and last day for a metric: up to today, and so far back that whole buckets are shown, unless told."""
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
    """The first day of the bucket that holds a day, as PostgreSQL's date_trunc has it."""
    if bucket is Bucket.WEEK:
        return day - timedelta(days=day.weekday())
    if bucket is Bucket.MONTH:
        return day.replace(day=1)
    if bucket is Bucket.QUARTER:
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day


def _read(text: str, field: str) -> tuple[datetime, bool]:
    """An instant in UTC, and whether only a date was written."""
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
