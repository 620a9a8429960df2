from datetime import date, timedelta

import numpy as np

from workers.alert_rules.alert import Kind
from workers.alert_rules.shifts import find_growth, find_shifts
from workers.alert_rules.use import AMOUNTS, Change, DailyUse

DAYS, STEP = 91, 84
LAST_DAY = date(2026, 11, 20)
TEAMS = {"web": 1, "data": 2, "mobile": 3}
UPGRADE = Change("model", LAST_DAY - timedelta(days=6), "web", "", "sonnet-4", "sonnet-5")


def company(*uncached: str, requests: int = 100, grown: float = 1.0) -> DailyUse:
    """Teams with two models each, the second since STEP; those named lose their cache then."""
    labels = [
        {"team": team, "provider": "anthropic", "model": model, "prompt": f"{team}/1", "workflow": ""}
        for team in TEAMS
        for model in ("sonnet-4", "sonnet-5")
    ]
    amounts = {name: np.zeros((len(labels), DAYS), dtype=np.int64) for name in AMOUNTS}
    is_new = np.arange(DAYS) >= STEP
    for cell, label in enumerate(labels):
        used = requests * (is_new if label["model"] == "sonnet-5" else ~is_new)
        cached = np.where(is_new & (label["team"] in uncached), 0.2, 0.8)
        size = 1_000 * grown ** (np.arange(DAYS) / 7)
        amounts["requests"][cell] = used
        amounts["nano_usd"][cell] = used * 10**9
        amounts["cache_read"][cell] = used * size * cached
        amounts["input_uncached"][cell] = used * size * (1 - cached)
        amounts["output_visible"][cell] = used * 100
    return DailyUse(LAST_DAY, labels, amounts, TEAMS)


def test_a_team_whose_share_shifts_is_named_with_the_week() -> None:
    (alert,) = find_shifts(company("web"), [])
    assert (alert.kind, alert.subject, alert.team_id) == (Kind.CACHE_SHARE, "team web", 1)
    assert (round(alert.before or 0, 2), round(alert.after or 0, 2)) == (0.8, 0.2)
    assert (alert.usual_nano_usd, alert.spent_nano_usd) == (700 * 10**9, 700 * 10**9)
    assert alert.sentence == (
        "The cache share of team web fell from 80 % to 20 % of input tokens in the week to 20 Nov 2026."
    )


def test_teams_that_shift_together_are_one_alert() -> None:
    (alert,) = find_shifts(company("web", "data", "mobile"), [])
    assert (alert.subject, alert.team_id) == ("organization", 0)


def test_a_change_of_the_team_in_that_time_is_its_cause() -> None:
    (alert,) = find_shifts(company("web"), [UPGRADE])
    assert alert.cause == "model sonnet-5"
    assert alert.sentence.endswith("The model changed from sonnet-4 to sonnet-5 for team web on 14 Nov 2026.")


def test_changes_of_other_teams_unused_models_and_earlier_ones_explain_nothing() -> None:
    others = [
        UPGRADE._replace(team="data"),
        UPGRADE._replace(after="opus"),
        UPGRADE._replace(day=LAST_DAY - timedelta(days=30)),
    ]
    (alert,) = find_shifts(company("web"), others)
    assert alert.cause is None


def test_weeks_with_few_requests_say_nothing() -> None:
    assert list(find_shifts(company("web", requests=4), [])) == []


def test_a_prompt_whose_requests_grow_is_named() -> None:
    found = list(find_growth(company(grown=1.04)))
    assert [each.subject for each in found] == ["prompt data/1", "prompt mobile/1", "prompt web/1"]
    assert found[0].kind is Kind.INPUT_GROWTH
    assert "input tokens without a new version" in found[0].sentence
    assert list(find_growth(company())) == []
