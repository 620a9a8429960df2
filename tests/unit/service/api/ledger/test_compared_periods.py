from datetime import date

import pytest

from schema.errors import BadInputError
from service.api.ledger.compared_periods import ComparedPeriods, Days, read_compared_periods

TODAY = date(2026, 11, 25)  # a Wednesday


def days(first: str, last: str) -> Days:
    return Days(date.fromisoformat(first), date.fromisoformat(last))


def read(first: str | None, last: str | None, compare: str = "previous") -> ComparedPeriods:
    return read_compared_periods(first, last, compare, TODAY)


def test_four_full_weeks_are_compared_with_the_four_before_by_default() -> None:
    assert read(None, None) == (days("2026-09-28", "2026-10-25"), days("2026-10-26", "2026-11-22"))


def test_on_a_sunday_the_week_is_not_over() -> None:
    _, after = read_compared_periods(None, None, "previous", date(2026, 11, 22))
    assert after.last == date(2026, 11, 15)


def test_days_are_compared_with_as_many_days_before() -> None:
    assert read("2026-11-10", "2026-11-12").before == days("2026-11-07", "2026-11-09")


@pytest.mark.parametrize(
    ("first", "last", "before", "a_year_before"),
    [
        ("2026-10-01", "2026-10-31", days("2026-09-01", "2026-09-30"), days("2025-10-01", "2025-10-31")),
        ("2026-01-01", "2026-03-31", days("2025-10-01", "2025-12-31"), days("2025-01-01", "2025-03-31")),
        ("2025-02-01", "2025-02-28", days("2025-01-01", "2025-01-31"), days("2024-02-01", "2024-02-29")),
    ],
)
def test_whole_months_are_compared_with_whole_months(first: str, last: str, before: Days, a_year_before: Days) -> None:
    assert read(first, last).before == before
    assert read(first, last, "year").before == a_year_before


def test_other_days_are_compared_with_the_same_weekdays_a_year_before() -> None:
    before, after = read("2026-11-02", "2026-11-08", "year")
    assert before == days("2025-11-03", "2025-11-09")
    assert before.first.weekday() == after.first.weekday()


def test_any_range_can_be_compared_with() -> None:
    assert read("2026-11-02", "2026-11-08", "2026-05-04..2026-05-17").before == days("2026-05-04", "2026-05-17")


@pytest.mark.parametrize("compare", ["", "month", "2026-05-04", "2026-05-17..2026-05-04", "2026-13-01..2026-13-02"])
def test_other_comparisons_are_refused_and_the_allowed_ones_named(compare: str) -> None:
    with pytest.raises(BadInputError, match=r"previous, year, or a range") as refused:
        read("2026-11-02", "2026-11-08", compare)
    assert refused.value.field == "compare"


def test_days_to_come_are_refused() -> None:
    with pytest.raises(BadInputError, match="must not be after today") as refused:
        read("2026-11-01", "2026-11-30")
    assert refused.value.field == "to"


@pytest.mark.parametrize(("first", "last"), [("0001-01-02", "0001-01-09"), ("0001-01-01", "0001-01-31")])
def test_days_before_the_calendar_are_refused(first: str, last: str) -> None:
    for compare in ("previous", "year"):
        with pytest.raises(BadInputError, match="too far in the past"):
            read(first, last, compare)


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(BadInputError, match="must"):
        read("2026-11-24", None)
