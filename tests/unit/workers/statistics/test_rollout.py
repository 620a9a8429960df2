import numpy as np

from workers.statistics.rollout import NEVER, Rollout, first_lasting


def used(*teams: str) -> np.ndarray:
    return np.array([[week == "x" for week in team] for team in teams])


def test_a_team_adopts_in_the_first_week_of_lasting_use() -> None:
    assert first_lasting(used("..xxxxxx", "x..xx.xx", "xxxxxxxx")).tolist() == [2, 3, 0]


def test_a_trial_of_two_weeks_is_not_adoption() -> None:
    assert first_lasting(used("..xx....", "........")).tolist() == [NEVER, NEVER]


def test_in_less_than_four_weeks_nobody_adopts() -> None:
    assert first_lasting(used("xxx")).tolist() == [NEVER]


def test_weeks_are_counted_from_adoption_and_negative_for_teams_that_never_adopt() -> None:
    rollout = Rollout(np.array([1, NEVER]), np.ones((2, 3), bool))

    assert rollout.since.tolist() == [[-1, 0, 1], [-1, -1, -1]]
