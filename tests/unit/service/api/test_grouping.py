"""Parsing of `group_by`, and of periods with earlier ones."""

from datetime import date

import pytest

from schema.errors import BadInputError
from service.api.grouping import read_buckets, read_dimensions, read_span
from service.queries.spend.buckets import Bucket, Comparison, SpendBucket
from service.queries.spend.runs import Span

NOVEMBER = Span(date(2026, 11, 1), date(2026, 11, 30))
OCTOBER = Span(date(2026, 10, 1), date(2026, 10, 31))


def test_dimensions_come_in_one_order() -> None:
    assert read_dimensions("model, team") == ("team", "model")
    assert read_dimensions(None) == ()


@pytest.mark.parametrize(
    ("text", "allowed", "most", "detail"),
    [
        ("fate", ("team", "model"), 2, "up to two of team, model, separated by a comma; spend by fate is in GET"),
        ("colour", ("team", "model"), 2, "must be up to two of team, model, separated by a comma"),
        ("model", ("team",), 1, "must be team; spend by model is in GET /api/v1/spend"),
        ("team,team", ("team", "model"), 2, "must name at most two different dimensions"),
        ("team,team", ("team",), 1, "must name at most one dimension"),
    ],
)
def test_what_is_not_allowed_names_what_is(text: str, allowed: tuple[str, ...], most: int, detail: str) -> None:
    with pytest.raises(BadInputError) as refused:
        read_dimensions(text, allowed, most)
    assert refused.value.field == "group_by"
    assert detail in refused.value.detail


def test_a_period_has_an_earlier_one_if_it_is_compared() -> None:
    span = read_span("2026-11-01", "2026-11-30", SpendBucket.TOTAL, date(2026, 12, 1))
    assert span == NOVEMBER
    assert read_buckets(span, SpendBucket.TOTAL, None) == (Bucket(NOVEMBER), [Bucket(NOVEMBER)])
    assert read_buckets(span, SpendBucket.TOTAL, Comparison.PREVIOUS)[0] == Bucket(NOVEMBER, OCTOBER)


def test_too_many_or_impossible_periods_are_refused() -> None:
    with pytest.raises(BadInputError, match="at most 1,100 periods"):
        read_buckets(Span(date(2020, 1, 1), date(2026, 1, 1)), SpendBucket.DAY, None)
    with pytest.raises(BadInputError, match="too far from today"):
        read_buckets(Span(date(1, 1, 1), date(1, 2, 1)), SpendBucket.DAY, Comparison.YEAR)
