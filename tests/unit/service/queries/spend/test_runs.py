"""The signed sums of a period's runs hold each of its days once, and are few."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.queries.spend.runs import Run, Span, next_month, runs_of, runs_to_date
from vocabulary.spend_cuts import TO_DATE

DAY = timedelta(days=1)
YEARS = st.dates(date(2023, 1, 1), date(2028, 12, 31))


def days(run: Run) -> list[date]:
    return [run.begins + number * DAY for number in range((run.ends - run.begins).days)]


def held_days(runs: list[Run]) -> dict[date, int]:
    held: Counter[date] = Counter()
    for run in runs:
        held.update(dict.fromkeys(days(run), run.sign))
    return {day: times for day, times in held.items() if times}


@given(YEARS, st.integers(0, 800))
@example(date(2026, 1, 1), 364)
@example(date(2026, 2, 3), 40)
@example(date(2025, 12, 31), 400)
def test_runs_to_date_hold_each_day_once_and_are_at_most_two_for_each_end_and_year(first: date, length: int) -> None:
    span = Span(first, first + length * DAY)
    runs = runs_to_date(span)
    assert held_days(runs) == {first + n * DAY: 1 for n in range(length + 1)}
    assert sum(run.number for run in runs) <= min(4 + length // 365 + 1, sum(run.number for run in runs_of(span)))
    for run in runs:
        if run.grain in TO_DATE:
            assert run.begins.day == 1
            assert list(run.periods()) == [run.begins]
        if run.grain == "year_to_date":
            assert run.begins.month == run.ends.day == 1


@given(YEARS, st.integers(0, 800), st.integers(1, 8))
@example(date(2026, 11, 1), 29, 1)
@example(date(2026, 11, 2), 6, 1)
@example(date(2024, 2, 29), 0, 1)
def test_runs_hold_each_day_once_and_whole_sums_only(first: date, length: int, day_cost: int) -> None:
    runs = runs_of(Span(first, first + length * DAY), day_cost)
    assert held_days(runs) == {first + n * DAY: 1 for n in range(length + 1)}
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
