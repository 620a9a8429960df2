import numpy as np
import pytest

from workers.statistics.jackknife import MOST_GROUPS, estimate, leave_out


def test_each_team_is_left_out_once_adopters_apart_from_others() -> None:
    weights, kinds = leave_out(np.array([True, False, True]))

    assert weights.tolist() == [[1, 0, 1], [0, 1, 1], [1, 1, 0]]
    assert kinds.tolist() == [0, 1, 1]


def test_of_many_teams_several_are_left_out_at_once() -> None:
    weights, kinds = leave_out(np.arange(350) < 50)

    assert len(weights) == MOST_GROUPS + 50
    assert (weights == 0).sum(axis=0).tolist() == [1] * 350
    assert kinds.sum() == 50


def test_the_error_of_a_difference_of_means_is_that_of_welch() -> None:
    random = np.random.default_rng(1)
    adopters = np.arange(20) < 8
    values = random.normal(0, np.where(adopters, 3, 1))
    weights, kinds = leave_out(adopters)
    sums = [(weights * values * side).sum(axis=1) / (weights * side).sum(axis=1) for side in (adopters, ~adopters)]

    found = estimate(0.0, sums[0] - sums[1], kinds)

    parts = values[adopters].var(ddof=1) / 8, values[~adopters].var(ddof=1) / 12
    assert found.standard_error == pytest.approx(np.sqrt(sum(parts)))
    assert found.freedom == pytest.approx(sum(parts) ** 2 / (parts[0] ** 2 / 7 + parts[1] ** 2 / 11))
