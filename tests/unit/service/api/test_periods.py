"""Periods as callers write them."""

from datetime import UTC, date, datetime

import pytest

from schema.errors import BadInputError
from service.api.periods import (
    Bucket,
    Period,
    bucket_start,
    read_bucketed_period,
    read_end,
    read_instants,
    read_period,
    read_start,
)

TODAY = date(2026, 11, 22)


def test_a_date_begins_at_midnight_and_ends_with_its_day() -> None:
    assert read_start("2026-11-22", "from") == datetime(2026, 11, 22, tzinfo=UTC)
    assert read_end("2026-11-22", "to") == datetime(2026, 11, 23, tzinfo=UTC)
    assert read_period("2026-11-22", "2026-11-22") == Period(TODAY, TODAY)


def test_an_instant_ends_before_itself() -> None:
    midnight = "2026-11-22T00:00:00Z"
    assert read_period("2026-11-21T12:00:00Z", midnight) == Period(date(2026, 11, 21), date(2026, 11, 21))
    assert read_instants(None, midnight) == (None, datetime(2026, 11, 22, tzinfo=UTC))


@pytest.mark.parametrize("text", ["2026-11-22T01:30:00+02:00", "2026-11-22T01:30:00 02:00"])
def test_an_offset_is_honoured_even_when_its_plus_was_lost(text: str) -> None:
    assert read_start(text, "from") == datetime(2026, 11, 21, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "today", "2026-02-30", "20261122", "2026-11-22T00:00:00", "0001-01-01T00:00:00+01:00"]
)
def test_what_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(BadInputError) as caught:
        read_start(text, "merged_from")
    assert caught.value.field == "merged_from"


def test_an_empty_span_and_one_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(BadInputError, match="later than from"):
        read_instants("2026-11-22", "2026-11-21")
    with pytest.raises(BadInputError, match="too far in the future"):
        read_end("9999-12-31", "to")
    with pytest.raises(BadInputError, match="too far in the past"):
        read_bucketed_period(None, "0001-01-05", Bucket.QUARTER, TODAY)
    with pytest.raises(BadInputError):
        read_bucketed_period("2026-11-23", None, Bucket.DAY, TODAY)


def test_no_period_means_no_bound() -> None:
    assert read_period(None, None) == Period(None, None)
    assert read_period("", "") == Period(None, None)


def test_a_metric_looks_back_over_whole_buckets() -> None:
    assert read_bucketed_period(None, None, Bucket.WEEK, TODAY) == (date(2026, 8, 24), TODAY)
    assert read_bucketed_period(None, None, Bucket.MONTH, TODAY) == (date(2025, 11, 1), TODAY)
    assert read_bucketed_period("2026-11-04", "2026-11-05", Bucket.WEEK, TODAY) == (
        date(2026, 11, 4),
        date(2026, 11, 5),
    )


def test_buckets_start_where_postgresql_truncates() -> None:
    starts = [bucket_start(date(2026, 2, 19), bucket) for bucket in Bucket]
    assert starts == [date(2026, 2, 19), date(2026, 2, 16), date(2026, 2, 1), date(2026, 1, 1)]
    assert bucket_start(date(2026, 12, 31), Bucket.QUARTER) == date(2026, 10, 1)
