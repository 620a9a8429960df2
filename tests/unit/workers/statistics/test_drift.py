import numpy as np
import pytest
from numpy.typing import NDArray

from workers.statistics.drift import (
    Shift,
    cache_share_falls,
    days_silent,
    input_grows,
    linked_share_falls,
    reasoning_rises,
)

WEEKDAYS = np.array([100.0, 110, 105, 100, 90, 5, 5])


def weeks(number: int) -> NDArray[np.float64]:
    return np.tile(WEEKDAYS, number)


def shares(*weekly: float) -> NDArray[np.float64]:
    return weeks(len(weekly)) * np.repeat(weekly, 7)


STEADY = (0.50, 0.52, 0.49, 0.51, 0.50, 0.48, 0.51, 0.50)


def test_a_share_that_shifts_beyond_its_own_noise_is_found() -> None:
    whole = weeks(9)
    assert reasoning_rises(shares(*STEADY, 0.75), whole) == pytest.approx(Shift(0.5, 0.75))
    assert cache_share_falls(shares(*STEADY, 0.3), whole) == pytest.approx(Shift(0.5, 0.3))
    assert linked_share_falls(shares(*STEADY, 0.3), whole) == pytest.approx(Shift(0.5, 0.3))


def test_a_share_that_moves_the_other_way_is_no_news() -> None:
    assert reasoning_rises(shares(*STEADY, 0.2), weeks(9)) is None
    assert cache_share_falls(shares(*STEADY, 0.9), weeks(9)) is None


def test_a_share_that_always_varies_is_no_news() -> None:
    uneven = (0.2, 0.7, 0.4, 0.6, 0.3, 0.8, 0.5, 0.35)
    assert cache_share_falls(shares(*uneven, 0.2), weeks(9)) is None


def test_a_small_shift_is_no_news() -> None:
    assert linked_share_falls(shares(*[0.5] * 8, 0.43), weeks(9)) is None


def test_a_linked_share_that_falls_by_ten_points_within_a_week_is_found_however_it_varies() -> None:
    uneven = (0.2, 0.7, 0.4, 0.6, 0.3, 0.8, 0.5, 0.7)
    assert linked_share_falls(shares(*uneven, 0.6), weeks(9)) == pytest.approx(Shift(0.7, 0.6))
    assert linked_share_falls(shares(0.9, 0.8), weeks(2)) == pytest.approx(Shift(0.9, 0.8))
    assert linked_share_falls(shares(0.9, 0.85), weeks(2)) is None
    assert linked_share_falls(shares(0.9), weeks(1)) is None


def test_a_short_history_says_nothing() -> None:
    assert reasoning_rises(shares(0.5, 0.5, 0.5, 0.9), weeks(4)) is None
    assert input_grows(shares(0.5, 0.5, 0.5, 0.9), weeks(4)) is None
    assert days_silent(np.concatenate([weeks(2), np.zeros(7)])) is None


def test_empty_weeks_do_not_count() -> None:
    whole = np.concatenate([weeks(8), np.zeros(7), weeks(1)])
    assert reasoning_rises(whole * 0.5, whole) is None


def test_input_that_grows_slowly_is_found_against_the_first_weeks() -> None:
    grown = [1_000 * 1.03**week for week in range(12)]
    found = input_grows(weeks(12) * np.repeat(grown, 7), weeks(12))
    assert found is not None
    assert found.after / found.before == pytest.approx(1.03**9.5, rel=0.01)
    assert input_grows(weeks(12) * 1_000, weeks(12)) is None
    assert input_grows(weeks(12) * np.repeat([1_000, 2_000] * 6, 7), weeks(12)) is None


@pytest.mark.parametrize(("silent", "said"), [(0, None), (1, None), (2, 2), (7, 7)])
def test_silence_is_news_after_two_usual_workdays(silent: int, said: int | None) -> None:
    activity = np.concatenate([weeks(6), np.zeros(silent)])
    assert days_silent(activity) == said


def test_a_quiet_weekend_is_not_silence() -> None:
    activity = np.concatenate([weeks(6), WEEKDAYS[:5], [0, 0]])
    assert days_silent(activity) is None
    assert days_silent(np.concatenate([activity, [0]])) is None
    assert days_silent(np.concatenate([activity, [0, 0]])) == 4


def test_what_was_never_heard_is_not_silent() -> None:
    assert days_silent(np.zeros(90)) is None
