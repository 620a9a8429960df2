from datetime import date

import numpy as np
import pytest

from workers.statistics.arrays import Real
from workers.statistics.leading_causes import Candidate
from workers.statistics.spend_watch import (
    EVERYTHING,
    KnownChange,
    burnt,
    day_of,
    find_rises,
    look_ahead,
    period_days,
)

LABELS = [{"team": team, "model": model, "prompt": ""} for team in ("web", "data") for model in ("opus", "sonnet")]
WEEKDAYS = np.array([100.0, 110, 105, 100, 90, 5, 5])


def company(*risen: int, weeks: int = 14, age: int = 5) -> Real:
    random = np.random.default_rng(1)
    spend = np.tile(WEEKDAYS, (len(LABELS), weeks)) * random.lognormal(0, 0.1, (len(LABELS), weeks * 7))
    spend[list(risen), -age:] *= 3
    return spend


def test_a_rise_of_one_team_is_one_alert_about_it() -> None:
    (rise,) = find_rises(company(0, 1), LABELS)
    assert Candidate("team", "web") in {rise.subject, rise.cause}


def test_a_rise_of_one_model_of_one_team_is_one_alert() -> None:
    (rise,) = find_rises(company(0), LABELS)
    assert {rise.subject, rise.cause} <= {EVERYTHING, Candidate("team", "web"), Candidate("model", "opus")}


def test_a_rise_of_everything_is_one_alert() -> None:
    assert len(find_rises(company(0, 1, 2, 3), LABELS)) == 1


def test_a_rise_of_a_small_team_is_found_beside_many_others() -> None:
    spend, labels = many_teams()
    spend[7, -6:] *= 4
    (rise,) = find_rises(spend, labels)
    assert rise.subject == Candidate("team", "team 7")


def test_a_rise_of_many_teams_by_a_workflow_is_one_alert_about_it() -> None:
    spend, labels = many_teams()
    spend[:30, -6:] *= 3
    (rise,) = find_rises(spend, labels)
    assert Candidate("workflow", "review") in {rise.subject, rise.cause}


def test_rises_of_two_teams_at_once_are_two_alerts() -> None:
    spend, labels = many_teams()
    spend[[7, 60], -6:] *= 5
    assert {each.cause or each.subject for each in find_rises(spend, labels)} == {
        Candidate("team", "team 7"),
        Candidate("team", "team 60"),
    }


def test_a_rise_is_no_news_after_a_week_but_still_explains_those_that_are_found_late() -> None:
    spend, labels = many_teams()
    spend[:30, -12:] *= 3
    assert find_rises(spend, labels) == []


def many_teams() -> tuple[Real, list[dict[str, str]]]:
    labels = [{"team": f"team {each}", "workflow": "review" if each < 30 else "support"} for each in range(100)]
    random = np.random.default_rng(1)
    return np.tile(WEEKDAYS, (100, 14)) * random.lognormal(0, 0.1, (100, 98)), labels


def test_a_known_change_of_the_team_that_rose_is_the_cause() -> None:
    labels = [{**each, "prompt": f"{each['team']}/1"} for each in LABELS]
    spend, model = company(0), Candidate("model", "opus")
    changed = KnownChange(Candidate("prompt", "web/1"), spend.shape[1] - 5, "web")
    assert changed.candidate in {each.cause for each in find_rises(spend, labels, [changed])}
    elsewhere = changed._replace(candidate=model, team="data")
    assert find_rises(spend, labels, [elsewhere]) == find_rises(spend, labels)


def test_old_rises_and_steady_spend_are_no_news() -> None:
    assert find_rises(company(0, age=20), LABELS) == []
    assert find_rises(company(), LABELS) == []
    assert find_rises(np.zeros((4, 98)), LABELS) == []


def test_an_outlook_adds_what_is_spent_to_what_is_forecast() -> None:
    spend = np.tile(WEEKDAYS, 10)
    found = look_ahead(spend, 1_000, 7, 1_300)
    assert found is not None
    assert found.likely == 1_000 + round(WEEKDAYS.sum())
    assert found.low < found.likely < found.high
    assert found.crossing is not None
    assert found.crossing.likely == 2


def test_a_period_that_is_over_is_known() -> None:
    known = look_ahead(np.tile(WEEKDAYS, 10), 1_000, 0, 900)
    assert known is not None
    assert (known.low, known.likely, known.high, known.model) == (1_000, 1_000, 1_000, "known")
    assert look_ahead(np.ones(20), 20, 7, None) is None


@pytest.mark.parametrize(("spent", "said"), [(49, []), (50, [50]), (99, [50, 80]), (130, [50, 80, 100])])
def test_parts_of_a_budget_are_said_when_they_are_spent(spent: int, said: list[int]) -> None:
    assert burnt(spent, 100) == said


def test_periods_are_calendar_months_and_quarters() -> None:
    day = date(2026, 11, 15)
    assert period_days("month", day) == (date(2026, 11, 1), date(2026, 11, 30))
    assert period_days("quarter", day) == (date(2026, 10, 1), date(2026, 12, 31))
    assert day_of(day, 0) == date(2026, 11, 16)
    assert day_of(day, None) is None
