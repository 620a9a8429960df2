import pytest

from tests.benchmarks.accuracy.chance import worst_by_chance


def test_one_pull_request_is_held_or_not() -> None:
    assert worst_by_chance([1], part=0.5, coverage=0.8) == 1.0
    assert worst_by_chance([1] * 4, part=0.5, coverage=0.8) == 0.0, "all of four in 0.41 of trials only"
    assert worst_by_chance([1] * 3, part=0.5, coverage=0.8) == 1.0, "all of three in 0.51"


def test_two_are_both_held_in_so_many_trials() -> None:
    assert worst_by_chance([2], part=0.35, coverage=0.8) == 0.5, "both in 0.64 of trials"
    assert worst_by_chance([2], part=0.37, coverage=0.8) == 1.0


def test_large_teams_are_near_what_they_are_promised_and_the_worst_of_many_is_farther() -> None:
    assert worst_by_chance([100_000], coverage=0.8) == pytest.approx(0.8, abs=0.002)
    assert worst_by_chance([200] * 45, coverage=0.8) < worst_by_chance([200] * 5, coverage=0.8) < 0.8
    assert worst_by_chance([200] * 45, 0.05, 0.8) < worst_by_chance([200] * 45, 0.5, 0.8)
    assert worst_by_chance([200] * 45, coverage=0.82) > worst_by_chance([200] * 45, coverage=0.8)
