import numpy as np

from tests.unit.workers.statistics.worlds import outcome, rollout
from workers.statistics.comparable import match
from workers.statistics.rollout import NEVER, Rollout


def test_teams_of_another_size_are_no_comparison() -> None:
    known = rollout(adopters=2, others=3)
    people = np.array([6.0, 8.0, 7.0, 60.0, np.nan])

    assert match(known, outcome(known, 1.0), people).teams.tolist() == [True, True, True, False, True]


def test_an_adopter_unlike_any_other_team_is_left_out_and_counted() -> None:
    known = rollout(adopters=2, others=2)
    values = outcome(known, 1.0)
    values[0] *= 100

    matched = match(known, values, np.full(4, 8.0))

    assert matched.teams.tolist() == [False, True, True, True]
    assert matched.without_comparison == 1


def test_an_adopter_with_few_weeks_before_is_left_out_and_counted() -> None:
    known = Rollout(np.array([3, 20, NEVER]), np.ones((3, 30), bool))

    matched = match(known, np.full((3, 30), 5.0), np.full(3, 8.0))

    assert matched.teams.tolist() == [False, True, True]
    assert matched.too_early == 1


def test_who_adopts_later_is_compared_with_who_adopts_first() -> None:
    known = Rollout(np.array([10, 20]), np.ones((2, 30), bool))

    matched = match(known, np.full((2, 30), 5.0), np.full(2, 8.0))

    assert matched.teams.tolist() == [True, True]
    assert matched.without_comparison == 0
