"""The buckets of a question about spend, and the buckets that they are compared with. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from service.queries.spend.runs import DAY, Span, next_month


class SpendBucket(StrEnum):
    """Length of each period; `total` is the whole period as one, and weeks start on Monday."""

    TOTAL = "total"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class Comparison(StrEnum):
    """`previous`: the same number of days, or whole months, just before. `year`: a year before."""

    PREVIOUS = "previous"
    YEAR = "year"


# 52 weeks, so that weekdays are the same.
YEAR_OF_WEEKS = timedelta(weeks=52)


class Bucket(NamedTuple):
    """A part of the period, and the part of the earlier period that it is compared with, if any."""

    span: Span
    before: Span | None = None


def buckets_of(span: Span, bucket: SpendBucket, comparison: Comparison | None) -> list[Bucket]:
    """Return the buckets of a period, the first and the last cut to it.

    With a comparison, buckets are paired by their place. Raises OverflowError before the year 1.
    """
    parts = _cut(span, bucket)
    if comparison is None:
        return [Bucket(part) for part in parts]
    earlier = compared_span(span, bucket, comparison)
    before: list[Span | None] = list(_cut(earlier, bucket))
    before += [None] * (len(parts) - len(before))
    # A longer earlier period (a 31-day month) has no more buckets than this one, or its last one takes the rest.
    if len(before) > len(parts):
        last = before[len(parts) - 1]
        before[len(parts) - 1] = last and Span(last.first, earlier.last)
    return [Bucket(part, before[place]) for place, part in enumerate(parts)]


def compared_span(span: Span, bucket: SpendBucket, comparison: Comparison) -> Span:
    """Return the earlier period. Raises OverflowError before the year 1."""
    if comparison is Comparison.YEAR:
        if bucket in {SpendBucket.DAY, SpendBucket.WEEK}:
            return Span(span.first - YEAR_OF_WEEKS, span.last - YEAR_OF_WEEKS)
        return Span(_months_before(span.first, 12), _months_before(span.last + DAY, 12) - DAY)
    if span.first.day == 1 and (span.last + DAY).day == 1:
        months = (span.last.year - span.first.year) * 12 + span.last.month - span.first.month + 1
        return Span(_months_before(span.first, months), span.first - DAY)
    days = span.last - span.first + DAY
    return Span(span.first - days, span.first - DAY)


def bucket_start(day: date, bucket: SpendBucket) -> date:
    """Return the first day of the week, month or quarter of a day; the day itself for other buckets."""
    if bucket is SpendBucket.WEEK:
        return day - timedelta(days=day.weekday())
    if bucket is SpendBucket.MONTH:
        return day.replace(day=1)
    return day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1) if bucket is SpendBucket.QUARTER else day


def _months_before(day: date, months: int) -> date:
    """Return the same day some months earlier, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < 1:
        raise OverflowError("before the year 1")
    first = date(year, month + 1, 1)
    return min(first.replace(day=1) + timedelta(days=day.day - 1), next_month(first) - DAY)


def _cut(span: Span, bucket: SpendBucket) -> list[Span]:
    parts = []
    first = span.first
    while first <= span.last:
        last = min(_ENDS[bucket](first), span.last)
        parts.append(Span(first, last))
        first = last + DAY
    return parts


def _end_of_quarter(day: date) -> date:
    return next_month(day.replace(day=1, month=(day.month - 1) // 3 * 3 + 3)) - DAY


# The last day of the bucket that a day is in.
_ENDS: Mapping[SpendBucket, Callable[[date], date]] = {
    SpendBucket.TOTAL: lambda _: date.max - DAY,
    SpendBucket.DAY: lambda day: day,
    SpendBucket.WEEK: lambda day: day + timedelta(days=6 - day.weekday()),
    SpendBucket.MONTH: lambda day: next_month(day) - DAY,
    SpendBucket.QUARTER: _end_of_quarter,
}
