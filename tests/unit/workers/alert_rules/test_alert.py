from dataclasses import replace
from datetime import date, timedelta

import pytest

from workers.alert_rules.alert import Alert, Kind, KnownAlert, sort_out

DAY = date(2026, 11, 20)
ALERT = Alert(
    kind=Kind.RISE,
    subject="team web",
    team_id=7,
    began_on=DAY - timedelta(days=3),
    found_on=DAY,
    usual_nano_usd=1,
    spent_nano_usd=2,
    sentence="Spend rose.",
    link="/spend",
)


def alert(kind: Kind = Kind.RISE, subject: str = "team web", cause: str | None = None) -> Alert:
    return replace(ALERT, kind=kind, subject=subject, cause=cause)


def known(raised: Alert, *, seen: int = 1, state: str = "open", snoozed_to: date | None = None) -> KnownAlert:
    return KnownAlert(
        *(5, raised.kind, raised.subject, raised.team_id, raised.cause, raised.began_on),
        *(DAY - timedelta(days=seen), state, snoozed_to),
    )


def test_what_nothing_speaks_for_is_news() -> None:
    assert sort_out([ALERT], []) == ([ALERT], set())


@pytest.mark.parametrize(("seen", "is_news"), [(1, False), (13, False), (14, True)])
def test_what_still_holds_is_not_raised_again_until_it_was_quiet_for_two_weeks(seen: int, is_news: bool) -> None:
    news, holding = sort_out([ALERT], [known(ALERT, seen=seen)])
    assert (bool(news), bool(holding)) == (is_news, not is_news)


def test_muted_and_snoozed_alerts_are_not_raised_however_long_ago() -> None:
    assert sort_out([ALERT], [known(ALERT, seen=99, state="muted")])[0] == []
    assert sort_out([ALERT], [known(ALERT, seen=99, state="snoozed", snoozed_to=DAY)])[0] == []
    assert sort_out([ALERT], [known(ALERT, seen=99, state="snoozed", snoozed_to=DAY - timedelta(days=1))])[0] == [ALERT]


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        # One rise is seen in several series.
        (alert(cause="model opus"), alert(subject="organization", cause="model opus"), True),
        (alert(), alert(subject="model opus", cause="team web"), True),
        (alert(), alert(subject="organization"), True),
        (alert(), alert(subject="team data"), False),
        # A new model raises spend and reasoning; a team may have two troubles.
        (alert(cause="model opus"), alert(Kind.REASONING_SHARE, "team data", "model opus"), True),
        (alert(), alert(Kind.CACHE_SHARE), False),
        (alert(Kind.INPUT_GROWTH, "prompt support/7"), alert(cause="prompt support/7"), True),
        # What everything does speaks for teams.
        (alert(Kind.CACHE_SHARE, "organization"), alert(Kind.CACHE_SHARE), True),
        (alert(Kind.CACHE_SHARE), alert(Kind.CACHE_SHARE, "team data"), False),
        (alert(Kind.SILENCE), alert(Kind.SILENCE, "organization"), True),
        # A policy is broken whatever spend does.
        (alert(cause="model opus"), alert(Kind.POLICY, "model opus"), False),
    ],
)
def test_one_cause_is_one_alert(first: Alert, second: Alert, is_one: bool) -> None:
    assert (len(sort_out([first, second], [])[0]) == 1) == is_one
    assert (sort_out([second], [known(first)])[0] == []) == is_one


def test_a_budget_is_news_once_in_its_period() -> None:
    budget = alert(Kind.BUDGET, "month 80 %")
    later = replace(budget, began_on=DAY)
    assert sort_out([budget], [known(budget, seen=20)])[0] == []
    assert sort_out([later], [known(budget)])[0] == [later]
    assert sort_out([later], [known(budget, state="muted")])[0] == []
