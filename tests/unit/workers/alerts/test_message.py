"""What channels say of an alert."""

from typing import Any

import pytest

from tests.unit.workers.alerts.messages import SENTENCE, message, trial


def test_a_message_holds_numbers_and_a_link_to_the_days_of_the_alert() -> None:
    made = message()
    assert (made.title, made.sentence) == ("Spend alert", SENTENCE)
    assert made.link == "https://shipledger.example.com/spend?period=2026-11-24..2026-11-29&team=R%26D+%3Cweb%3E"
    assert made.facts == (
        ("Team", "R&D <web>"),
        ("Spent", "$612.00"),
        ("Usual", "$150.00"),
        ("Since", "2026-11-24"),
        ("Cause", "model opus"),
    )
    assert dict(made.alert) == {
        "id": 7,
        "kind": "rise",
        "subject": "team R&D <web>",
        "team": "R&D <web>",
        "cause": "model opus",
        "began_on": "2026-11-24",
        "found_on": "2026-11-29",
        "usual_usd": "150.00",
        "spent_usd": "612.000000001",
        "before": None,
        "after": None,
        "state": "open",
        "withheld_reason": None,
    }


def test_a_budget_is_named_as_one_and_what_is_not_known_is_left_out() -> None:
    facts = dict(message(kind="budget", subject="month 80 %", team=None, cause=None).facts)
    assert facts == {"Spent": "$612.00", "Budget": "$150.00", "Since": "2026-11-24"}


def test_what_shifted_shows_no_money_and_an_alert_of_an_older_version_its_subject() -> None:
    made = message(kind="cache_share", before=0.7, after=0.4, cause=None, sentence="", link="")
    assert dict(made.facts) == {"Team": "R&D <web>", "Since": "2026-11-24"}
    assert (made.alert["before"], made.alert["after"]) == (0.7, 0.4)
    assert (made.sentence, made.link) == ("team R&D <web>", "https://shipledger.example.com/")


def test_a_small_team_beside_others_learns_what_happened_and_not_how_much() -> None:
    made = message(team="tiny", subject="team tiny", team_size=4, kind="cache_share", before=0.7, after=0.4)
    assert made.sentence.startswith("The share of cached tokens of team tiny fell. Its figures are withheld")
    assert not {made.alert[name] for name in ("usual_usd", "spent_usd", "before", "after")} - {None}
    assert made.alert["withheld_reason"] == "the team has fewer than 5 people"
    assert dict(message(team_size=4).facts) == {"Team": "R&D <web>", "Since": "2026-11-24", "Cause": "model opus"}


@pytest.mark.parametrize("values", [{"team_size": None}, {"team_size": 5}, {"team_size": 4, "has_other_teams": False}])
def test_a_team_of_enough_or_unknown_people_or_the_only_one_has_its_figures(values: dict[str, Any]) -> None:
    assert message(**values).alert["spent_usd"] == "612.000000001"


def test_without_an_address_of_the_dashboard_a_message_has_no_link() -> None:
    assert message(None).link is None
    assert message(None).alert_key == "shipledger/local/3/alert/7"


def test_events_of_one_alert_share_a_key_and_each_delivery_has_its_own() -> None:
    raised, resolved = message(), message(event="resolved", delivery_id=13)
    assert raised.alert_key == resolved.alert_key == "shipledger/shipledger.example.com/3/alert/7"
    assert (raised.delivery_key, resolved.delivery_key) == ("msg_3_12", "msg_3_13")
    assert message().delivery_key == raised.delivery_key


def test_a_test_says_so_and_is_about_nothing() -> None:
    made = trial()
    assert (made.title, made.alert, made.facts) == ("Test of an alert channel", {}, ())
    assert made.alert_key.endswith("/test/12")


@pytest.mark.parametrize(
    ("event", "title"),
    [
        ("reminded", "Spend alert, after a snooze"),
        ("acknowledged", "Spend alert acknowledged"),
        ("resolved", "Spend alert resolved"),
    ],
)
def test_the_title_says_what_happened(event: str, title: str) -> None:
    assert message(event=event).title == title
