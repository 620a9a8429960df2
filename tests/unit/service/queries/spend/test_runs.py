"""The signed sums of a period's runs hold each of its days once, and are few."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.queries.spend.runs import Run, Span, next_month, runs_of

DAY = timedelta(days=1)
YEARS = st.dates(date(2023, 1, 1), date(2028, 12, 31))


def days(run: Run) -> list[date]:
    return [run.begins + number * DAY for number in range((run.ends - run.begins).days)]


@given(YEARS, st.integers(0, 800), st.integers(1, 8))
@example(date(2026, 11, 1), 29, 1)
@example(date(2026, 11, 2), 6, 1)
@example(date(2024, 2, 29), 0, 1)
def test_runs_hold_each_day_once_and_whole_sums_only(first: date, length: int, day_cost: int) -> None:
    runs = runs_of(Span(first, first + length * DAY), day_cost)
    held: Counter[date] = Counter()
    for run in runs:
        held.update(dict.fromkeys(days(run), run.sign))
    assert {day: times for day, times in held.items() if times} == {first + n * DAY: 1 for n in range(length + 1)}
    for run in runs:
        if run.grain == "month":
            assert run.begins.day == run.ends.day == 1
        if run.grain == "week":
            assert run.begins.weekday() == run.ends.weekday() == 0
        assert run.number == len(list(run.periods()))


@given(YEARS, st.integers(0, 365))
def test_a_period_of_a_year_needs_no_more_sums_than_its_months_and_two_weeks(first: date, length: int) -> None:
    assert sum(run.number for run in runs_of(Span(first, first + length * DAY))) <= 27


@pytest.mark.parametrize(
    ("first", "last", "runs"),
    [
        (date(2026, 7, 1), date(2026, 9, 30), [Run("month", date(2026, 7, 1), date(2026, 10, 1))]),
        (date(2026, 11, 16), date(2026, 11, 22), [Run("week", date(2026, 11, 16), date(2026, 11, 23))]),
        (date(2026, 11, 18), date(2026, 11, 18), [Run("day", date(2026, 11, 18), date(2026, 11, 19))]),
        (
            date(2026, 11, 2),
            date(2026, 11, 30),
            [
                Run("day", date(2026, 11, 1), date(2026, 11, 2), -1),
                Run("month", date(2026, 11, 1), date(2026, 12, 1)),
            ],
        ),
    ],
)
def test_a_period_is_its_fewest_sums(first: date, last: date, runs: list[Run]) -> None:
    assert runs_of(Span(first, last)) == runs


def test_few_days_are_read_where_a_day_costs_more() -> None:
    span = Span(date(2026, 11, 1), date(2026, 11, 8))
    assert [run.grain for run in runs_of(span)] == ["day", "week"]
    assert sum(run.number for run in runs_of(span, day_cost=4) if run.grain == "day") == 1


def test_the_ends_of_the_calendar_are_periods_too() -> None:
    assert runs_of(Span(date(1, 1, 1), date(9999, 12, 30))) == [Run("day", date(1, 1, 1), date(9999, 12, 31))]


def test_a_year_ends_with_the_next() -> None:
    assert next_month(date(2026, 12, 31)) == date(2027, 1, 1)
