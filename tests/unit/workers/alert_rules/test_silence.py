from datetime import date

import numpy as np

from workers.alert_rules.silence import find_silence

DAY = date(2026, 11, 20)
TEAMS = {1: "web", 2: "data"}
HEARD = np.tile([100.0, 110, 105, 100, 90, 5, 5], 13)


def silent(days: int) -> np.ndarray:
    return np.where(np.arange(len(HEARD)) < len(HEARD) - days, HEARD, 0)


def test_a_team_that_falls_silent_is_named() -> None:
    (alert,) = find_silence({1: silent(7), 2: HEARD}, DAY, TEAMS)
    assert (alert.subject, alert.team_id, alert.began_on) == ("team web", 1, date(2026, 11, 14))
    assert alert.sentence.startswith("No telemetry of team web since 13 Nov 2026.")


def test_silence_of_all_is_one_alert() -> None:
    (alert,) = find_silence({1: silent(7), 2: silent(8)}, DAY, TEAMS)
    assert (alert.subject, alert.team_id) == ("organization", 0)


def test_teams_that_are_heard_or_never_were_raise_nothing() -> None:
    assert list(find_silence({1: HEARD, 2: np.zeros(91)}, DAY, TEAMS)) == []
    assert list(find_silence({}, DAY, TEAMS)) == []
