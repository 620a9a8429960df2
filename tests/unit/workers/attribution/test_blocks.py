from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.attribution.blocks import blocks, data_span, touched_span
from workers.attribution.ledger import EPOCH
from workers.attribution.methods import ACTIVITY, FITTED, METHODS, Method

SUNDAY, MONDAY = date(2026, 3, 1), date(2026, 3, 2)
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


def first_hour(day: date) -> int:
    return (day - EPOCH).days * 24


def test_days_of_one_iso_week_share_a_block() -> None:
    (block,) = blocks([MONDAY, MONDAY + timedelta(days=6)], ACTIVITY)
    assert (block.first, block.last) == (first_hour(MONDAY), first_hour(MONDAY) + 7 * 24)


def test_a_sunday_and_the_monday_after_it_do_not() -> None:
    assert [block.first for block in blocks([MONDAY, SUNDAY], ACTIVITY)] == [
        first_hour(MONDAY - timedelta(days=7)),
        first_hour(MONDAY),
    ]


def test_a_week_is_fitted_on_its_margins_too() -> None:
    (block,) = blocks([MONDAY], FITTED)
    margin = FITTED.margin_days * 24
    assert margin > 0
    assert (block.fit_first, block.fit_last) == (block.first - margin, block.last + margin)


def test_without_a_fit_a_day_depends_on_itself_alone() -> None:
    assert data_span([SUNDAY], ACTIVITY) == touched_span([SUNDAY], ACTIVITY) == (SUNDAY, MONDAY)


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
@given(written=DAYS, read=DAYS | st.integers(-40, 40))
def test_a_day_is_touched_by_exactly_the_days_that_it_depends_on(
    method: Method, written: date, read: date | int
) -> None:
    if isinstance(read, int):
        read = written + timedelta(days=read)
    first, last = data_span([written], method)
    touched_first, touched_last = touched_span([read], method)
    assert (first <= read < last) == (touched_first <= written < touched_last)
