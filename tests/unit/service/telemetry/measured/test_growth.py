"""What cumulative series grow by."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from schema.retention import SERIES_RETENTION
from service.telemetry.measured.growth import Series, grow

DAY = 86_400_000_000_000
NOW = 1_795_311_952_000_000_000
START = NOW - DAY


def tokens_of(points: list[Series], start: int = START) -> list[int]:
    known, added = None, []
    for point in points:
        known, tokens = grow(known, point, start, NOW)
        added.append(tokens)
    return added


@given(st.lists(st.integers(0, 50), min_size=1), st.data())
def test_points_of_one_series_add_up_to_its_last_value_in_any_order_and_with_repeats(
    steps: list[int], data: st.DataObject
) -> None:
    points = [Series(sum(steps[: number + 1]), NOW + number) for number in range(len(steps))]
    reported = data.draw(st.permutations(points + points[:3]))
    added = tokens_of(reported)
    assert all(tokens >= 0 for tokens in added)
    assert sum(added) == points[-1].value


def test_a_repeated_point_adds_nothing() -> None:
    points = [Series(10, NOW), Series(10, NOW + 1), Series(10, NOW + 2)]
    assert tokens_of(points) == [10, 0, 0]


def test_a_lower_value_at_a_later_time_is_a_restart() -> None:
    assert tokens_of([Series(100, NOW), Series(5, NOW + 1), Series(6, NOW + 2)]) == [100, 5, 1]


def test_a_lower_value_at_an_earlier_time_adds_nothing() -> None:
    assert tokens_of([Series(100, NOW), Series(5, NOW - 1)]) == [100, 0]


def test_a_late_point_from_before_a_restart_is_not_counted_again() -> None:
    assert tokens_of([Series(100, NOW), Series(5, NOW + 2), Series(100, NOW + 1)]) == [100, 5, 0]


def test_an_unknown_series_older_than_the_retention_adds_only_its_growth() -> None:
    long_ago = NOW - 2 * int(SERIES_RETENTION.total_seconds()) * 1_000_000_000
    assert tokens_of([Series(100, NOW), Series(103, NOW + 1)], long_ago) == [0, 3]
    assert tokens_of([Series(100, NOW)], 0) == [100]


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9)), max_size=20))
def test_no_series_ever_shrinks_the_count(points: list[tuple[int, int]]) -> None:
    reported = [Series(value, NOW + moment) for value, moment in points]
    assert all(tokens >= 0 for tokens in tokens_of(reported))
    for first, second in pairwise(reported):
        assert sum(tokens_of([first, second])) <= first.value + second.value
