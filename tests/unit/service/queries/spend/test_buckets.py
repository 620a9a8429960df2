"""Buckets of a period, and what they are compared with."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.queries.spend.buckets import Bucket, Comparison, SpendBucket, buckets_of, compared_span
from service.queries.spend.runs import Span

DAY = timedelta(days=1)


def span(first: str, last: str) -> Span:
    return Span(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("now", "bucket", "comparison", "before"),
    [
        (("2026-11-01", "2026-11-30"), "total", "previous", ("2026-10-01", "2026-10-31")),
        (("2026-03-01", "2026-03-31"), "day", "previous", ("2026-02-01", "2026-02-28")),
        (("2026-07-01", "2026-09-30"), "month", "previous", ("2026-04-01", "2026-06-30")),
        (("2026-11-09", "2026-11-22"), "week", "previous", ("2026-10-26", "2026-11-08")),
        (("2026-11-10", "2026-11-10"), "total", "previous", ("2026-11-09", "2026-11-09")),
        (("2026-11-01", "2026-11-30"), "month", "year", ("2025-11-01", "2025-11-30")),
        (("2024-02-01", "2024-02-29"), "total", "year", ("2023-02-01", "2023-02-28")),
        (("2026-11-09", "2026-11-22"), "week", "year", ("2025-11-10", "2025-11-23")),
    ],
)
def test_the_compared_period(now: tuple[str, str], bucket: str, comparison: str, before: tuple[str, str]) -> None:
    assert compared_span(span(*now), SpendBucket(bucket), Comparison(comparison)) == span(*before)


def test_buckets_are_paired_by_their_place() -> None:
    assert buckets_of(span("2026-11-20", "2026-12-10"), SpendBucket.MONTH, None) == [
        Bucket(span("2026-11-20", "2026-11-30")), Bucket(span("2026-12-01", "2026-12-10")),
    ]  # fmt: skip
    days = buckets_of(span("2026-02-01", "2026-02-28"), SpendBucket.DAY, Comparison.PREVIOUS)
    assert days[0].before == span("2026-01-01", "2026-01-01")
    assert days[-1].before == span("2026-01-28", "2026-01-31"), "the last takes the rest of the longer month"


@given(
    st.dates(date(2020, 1, 1), date(2027, 1, 1)),
    st.integers(0, 500),
    st.sampled_from(SpendBucket),
    st.sampled_from(Comparison),
)
def test_buckets_hold_each_day_of_both_periods_once(
    first: date, length: int, bucket: SpendBucket, comparison: Comparison
) -> None:
    now = Span(first, first + length * DAY)
    buckets = buckets_of(now, bucket, comparison)
    for spans, whole in (
        ([each.span for each in buckets], now),
        ([each.before for each in buckets if each.before], compared_span(now, bucket, comparison)),
    ):
        assert (spans[0].first, spans[-1].last) == whole
        assert all(later.first == sooner.last + DAY for sooner, later in pairwise(spans))


def test_before_the_first_year_there_is_nothing_to_compare() -> None:
    with pytest.raises(OverflowError):
        compared_span(span("0001-01-01", "0001-01-31"), SpendBucket.TOTAL, Comparison.YEAR)
