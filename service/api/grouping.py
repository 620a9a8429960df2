"""Parsing of `group_by`, and of periods with the earlier ones that they are compared with."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, TypeAlias

from litestar.params import QueryParameter

from schema.errors import BadInputError
from service.api.periods import Bucket, read_bucketed_period
from service.queries.spend.buckets import Bucket as Part
from service.queries.spend.buckets import Comparison, SpendBucket, buckets_of, compared_span
from service.queries.spend.runs import Span
from vocabulary.spend_cuts import DIMENSIONS

MOST_BUCKETS = 1_100
MOST_DIMENSIONS = 2
NUMBERS = {1: "one dimension", 2: "two different dimensions"}

Compare: TypeAlias = Annotated[
    Comparison | None, QueryParameter(description="Show the period before or a year before, and the change")
]
# The default period of a bucket is that of other metrics.
LOOK_BACK = {
    SpendBucket.TOTAL: Bucket.WEEK,
    SpendBucket.DAY: Bucket.DAY,
    SpendBucket.WEEK: Bucket.WEEK,
    SpendBucket.MONTH: Bucket.MONTH,
    SpendBucket.QUARTER: Bucket.QUARTER,
}
# The fewest days of a bucket.
_DAYS = {
    SpendBucket.TOTAL: 4_000_000,
    SpendBucket.DAY: 1,
    SpendBucket.WEEK: 7,
    SpendBucket.MONTH: 28,
    SpendBucket.QUARTER: 90,
}


def read_dimensions(
    text: str | None, allowed: Sequence[str] = DIMENSIONS, most: int = MOST_DIMENSIONS
) -> tuple[str, ...]:
    """Return the dimensions in `group_by`, in the order of DIMENSIONS. Raises BadInputError."""
    names = [name.strip() for name in text.split(",")] if text else []
    for name in names:
        if name not in allowed:
            raise BadInputError(_must_be(allowed, most, name), field="group_by")
    if len(set(names)) < len(names) or len(names) > most:
        raise BadInputError(f"must name at most {NUMBERS[most]}", field="group_by")
    return tuple(name for name in DIMENSIONS if name in names)


def _must_be(allowed: Sequence[str], most: int, name: str) -> str:
    elsewhere = f"; spend by {name} is in GET /api/v1/spend" if name in DIMENSIONS else ""
    if most == 1:
        return f"must be {' or '.join(allowed)}{elsewhere}"
    return f"must be up to two of {', '.join(allowed)}, separated by a comma{elsewhere}"


def read_span(start: str | None, end: str | None, bucket: SpendBucket, today: date) -> Span:
    """Return the days of a period, or the default one of a bucket. Raises BadInputError."""
    return Span(*read_bucketed_period(start, end, LOOK_BACK[bucket], today))


def read_buckets(span: Span, bucket: SpendBucket, compare: Comparison | None) -> tuple[Part, list[Part]]:
    """Return the whole period and its buckets, with their earlier periods. Raises BadInputError."""
    if (span.last - span.first).days // _DAYS[bucket] > MOST_BUCKETS:
        raise BadInputError(f"must give at most {MOST_BUCKETS:,} periods; choose a longer one", field="bucket")
    try:
        before = compared_span(span, bucket, compare) if compare else None
        return Part(span, before), buckets_of(span, bucket, compare)
    except OverflowError as error:
        raise BadInputError("is too far from today; choose a nearer period", field="from") from error
