"""A period is exactly the days of its runs, and as few runs as whole months and weeks allow."""

from datetime import date, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from service.queries.spend.runs import Run, Span, next_month, runs_of

DAY = timedelta(days=1)
YEARS = st.dates(date(2023, 1, 1), date(2028, 12, 31))


def days(run: Run) -> list[date]:
    return [run.begins + number * DAY for number in range((run.ends - run.begins).days)]


@given(YEARS, st.integers(0, 800))
@example(date(2026, 11, 1), 29)
@example(date(2026, 11, 2), 6)
@example(date(2024, 2, 29), 0)
def test_runs_hold_each_day_once_and_whole_sums_only(first: date, length: int) -> None:
    span = Span(first, first + length * DAY)
    runs = runs_of(span)
    assert [day for run in runs for day in days(run)] == [first + n * DAY for n in range(length + 1)]
    for run in runs:
        if run.grain == "month":
            assert run.begins.day == run.ends.day == 1
        if run.grain == "week":
            assert run.begins.weekday() == run.ends.weekday() == 0
    assert sum(len(days(run)) for run in runs if run.grain == "day") <= 24


def test_a_quarter_is_one_run_of_months() -> None:
    assert runs_of(Span(date(2026, 7, 1), date(2026, 9, 30))) == [Run("month", date(2026, 7, 1), date(2026, 10, 1))]


def test_a_year_ends_with_the_next() -> None:
    assert next_month(date(2026, 12, 31)) == date(2027, 1, 1)
