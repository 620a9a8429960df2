"""The days of a page: full weeks, the running one apart, nothing in the future."""

from datetime import date

import pytest

from schema.errors import BadInputError
from service.dashboard.view.periods import Period, read_period, running_month
from service.queries.spend.runs import Span

WEDNESDAY = date(2026, 12, 2)
MONDAY = date(2026, 11, 30)


def read(text: str = "12w", compare: str = "before", today: date = WEDNESDAY) -> Period:
    return read_period(text, compare, today)


def test_the_default_is_twelve_full_weeks_and_the_running_one_beside_them() -> None:
    period = read()
    assert period.span == Span(date(2026, 9, 7), date(2026, 11, 29))
    assert period.before == Span(date(2026, 6, 15), date(2026, 9, 6))
    assert len(period.slots) == 13
    running = period.slots[-1]
    assert (running.span, running.note, running.is_partial) == (Span(MONDAY, date(2026, 12, 6)), "3 of 7 days", True)
    assert running.before is None
    assert not any(slot.is_partial for slot in period.slots[:-1])
    assert (period.name, period.before_name, period.length) == ("12 weeks", "the 12 weeks before", "12 full weeks")


def test_on_a_monday_the_week_that_ended_yesterday_is_full() -> None:
    period = read("4w", today=MONDAY)
    assert period.span == Span(date(2026, 11, 2), date(2026, 11, 29))
    assert period.slots[-1].note == "1 of 7 days"


def test_a_quarter_ends_yesterday_and_its_cut_weeks_are_partial() -> None:
    period = read("quarter")
    assert period.span == Span(date(2026, 10, 1), date(2026, 12, 1))
    assert [slot.note for slot in period.slots if slot.is_partial] == ["4 of 7 days", "2 of 7 days"]
    assert read("quarter", today=date(2026, 10, 1)).span == Span(date(2026, 7, 1), date(2026, 9, 30))
    assert read("quarter", today=date(2027, 1, 1)).span == Span(date(2026, 10, 1), date(2026, 12, 31))


def test_a_month_ends_yesterday_and_on_its_first_day_it_is_the_one_before() -> None:
    assert running_month(WEDNESDAY) == Span(date(2026, 12, 1), date(2026, 12, 1))
    assert running_month(date(2026, 12, 1)) == Span(date(2026, 11, 1), date(2026, 11, 30))


def test_a_year_before_has_the_same_weekdays() -> None:
    period = read(compare="year")
    assert period.before == Span(date(2025, 9, 8), date(2025, 11, 30))
    assert period.before_name == "8 Sep – 30 Nov 2025"
    assert read(compare="none").before is None


@pytest.mark.parametrize(
    ("text", "grain", "slots"),
    [
        ("2026-11-20..2026-11-26", "day", 7),
        ("2026-10-05..2026-11-29", "week", 8),
        ("2025-12-01..2026-11-30", "month", 12),
    ],
)
def test_long_periods_are_drawn_by_month_and_short_ones_by_day(text: str, grain: str, slots: int) -> None:
    period = read(text)
    assert (period.grain, len(period.slots)) == (grain, slots)


def test_a_range_that_ends_today_has_a_running_slot_that_holds_today_only_so_far() -> None:
    assert read("2026-11-30..2026-12-02").slots[-1].is_running


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("3w", "12w, 4w, quarter, or days such as"),
        ("2026-11-01", "12w, 4w, quarter"),
        ("2026-11-31..2026-12-01", "12w, 4w, quarter"),
        ("2026-11-20..2026-11-01", "must begin before it ends"),
        ("2026-11-20..2026-12-03", "must not end after today, 2026-12-02"),
        ("1999-01-01..1999-02-01", "must not begin before 2000-01-01"),
    ],
)
def test_what_is_no_period_is_refused_with_what_is(text: str, says: str) -> None:
    with pytest.raises(BadInputError, match=says) as refused:
        read(text)
    assert refused.value.field == "period"
