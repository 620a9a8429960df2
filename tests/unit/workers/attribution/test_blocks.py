from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from workers.attribution.blocks import blocks, data_span
from workers.attribution.ledger import EPOCH
from workers.attribution.methods import ACTIVITY, FITTED, METHODS
from workers.stores.ledger.invalidate_days import DEPENDS_WITHIN_DAYS

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
    assert data_span([SUNDAY], ACTIVITY) == (SUNDAY, MONDAY)


@given(day=DAYS)
def test_a_fitted_day_depends_on_all_that_its_week_is_fitted_on(day: date) -> None:
    first, last = data_span([day], FITTED)
    (block,) = blocks([day], FITTED)
    assert (first_hour(first), first_hour(last)) == (block.fit_first, block.fit_last)
    assert first <= day - timedelta(days=FITTED.margin_days)
    assert last > day + timedelta(days=FITTED.margin_days)


@given(day=DAYS)
def test_no_day_depends_on_days_further_away_than_are_searched(day: date) -> None:
    reach = timedelta(days=DEPENDS_WITHIN_DAYS)
    for method in METHODS.values():
        first, end = data_span([day], method)
        assert day - reach <= first < end <= day + reach
