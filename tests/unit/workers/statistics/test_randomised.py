import numpy as np
import pytest

from workers.statistics.randomised import compare_randomised

HABITS = np.array([4.0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
GIVEN = np.arange(12) % 2 == 0


def test_what_teams_shipped_before_takes_their_differences_away() -> None:
    found = compare_randomised(HABITS, HABITS + np.where(GIVEN, 3.0, 0.0), GIVEN)

    assert found is not None
    # All teams are compared at the mean habit, 9.5.
    assert found.effect.change == pytest.approx(3 / 9.5)
    assert found.effect.standard_error == pytest.approx(0, abs=1e-9)
    assert found.explained == pytest.approx(1)


def test_an_unrelated_past_explains_nothing() -> None:
    past = np.array([1.0, 1, 2, 2, 2, 2, 1, 1, 1, 1, 2, 2])
    after = np.where(GIVEN, 12.0, 10.0) + np.tile([1.0, 1.0, -1.0, -1.0], 3)

    found = compare_randomised(past, after, GIVEN)

    assert found is not None
    assert 0 <= found.explained < 0.2
    assert found.effect.change == pytest.approx(0.2, abs=0.1)


def test_four_teams_on_one_side_are_too_few() -> None:
    assert compare_randomised(HABITS, HABITS, np.arange(12) < 4) is None


def test_without_anything_shipped_there_is_no_ratio() -> None:
    assert compare_randomised(HABITS, np.zeros(12), GIVEN) is None
