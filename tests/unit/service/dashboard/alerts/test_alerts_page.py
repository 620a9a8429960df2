"""The pages of alerts in words."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schema.failures import Failure
from service.dashboard.alerts.drawings import RATIOS, alert_chart
from service.dashboard.alerts.facts import AlertFacts, AlertsFacts, Series
from service.dashboard.alerts.page import KINDS, AlertsPage, build_alert, build_alerts
from service.dashboard.alerts.subjects import days_of, has_series, view_of
from service.dashboard.components.figures import Trust
from service.dashboard.numbers.sureness import Sureness
from service.dashboard.shell.answers import templates
from service.dashboard.shell.frame import build_frame
from service.dashboard.view.view import View, read_view
from service.queries.spend.reading import Amounts
from service.queries.spend.runs import Span
from service.queries.upkeep.freshness import Freshness
from vocabulary.tokens import NANO_USD, TokenCounts
from workers.alert_rules.alert import Kind

TODAY = date(2026, 12, 2)
NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
HEARD = Trust("", "Last heard 3 min ago", dot="on")
FRESH = Freshness("Acme", NOW, date(2026, 1, 1), TODAY, 1, ("web",), has_pull_requests=True, has_tokens=True)


def alert(**changes: Any) -> dict[str, Any]:
    return {
        "alert_id": 7,
        "kind": "rise",
        "subject": "model opus",
        "team": None,
        "cause": None,
        "began_on": date(2026, 11, 13),
        "found_on": date(2026, 11, 23),
        "seen_on": None,
        "usual_nano_usd": 11 * NANO_USD,
        "spent_nano_usd": 30 * NANO_USD,
        "before": None,
        "after": None,
        "sentence": "Spend of model opus since 13 Nov 2026: $30, 2.7 times the usual $11.",
        "link": "/spend?period=2026-11-06..2026-11-23&model=opus",
        "state": "open",
        "snoozed_to": None,
        "withheld_reason": None,
        **changes,
    }


def series(of: dict[str, Any], number: int = 0) -> Series:
    span = days_of(of, TODAY)
    days = number or (span.last - span.first).days + 1
    each = Amounts(TokenCounts(10, 60, 0, 20, 10), 2 * NANO_USD, 7)
    return Series(span, [each] * days, [25] * days)


FACTS = AlertsFacts(
    active=[alert(), alert(alert_id=5, state="snoozed", snoozed_to=date(2026, 12, 24))],
    past=[alert(alert_id=3, state="resolved", seen_on=date(2026, 11, 25))],
    series={7: series(alert())},
    channels=[
        {"id": 1, "kind": "slack", "name": "finops", "host": "hooks.slack.com", "team": None, "failure": None}
        | {"delivered_at": NOW - timedelta(hours=2)},
        {"id": 2, "kind": "email", "name": "mail", "host": "smtp.acme.dev", "team": "web", "delivered_at": None}
        | {"failure": str(Failure.UNEXPECTED)},
    ],
    policies=[{"team": None, "dimension": "provider", "allowed": ["anthropic"]}],
    mutes=[{"id": 4, "rule": "rise", "team": "web", "muted_to": date(2026, 12, 31)}],
    watched_to=date(2026, 12, 1),
)


def test_an_alert_of_a_small_team_has_no_chart_and_no_amount() -> None:
    hidden = dict.fromkeys(("usual_nano_usd", "spent_nano_usd"))
    shown = alert(team="tiny", subject="team tiny", withheld_reason="the team has fewer than 5 people", **hidden)
    assert not has_series(shown)
    assert build_alert(AlertFacts(shown), NOW).export.rows[0][-3:] == (None, None, "the team has fewer than 5 people")


def view() -> View:
    return read_view("/alerts", [], ("team",), TODAY)


def page(facts: AlertsFacts = FACTS) -> AlertsPage:
    return build_alerts(view(), facts, HEARD, NOW)


def test_the_answer_counts_the_open_ones_and_says_the_newest() -> None:
    built = page()
    assert built.answer.sentence == "1 alert needs a look"
    assert built.answer.why[0][0].startswith("Spend of model opus since 13 Nov 2026")
    assert [row.state for row in built.active] == ["open", "snoozed until 24 Dec"]


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (AlertsFacts(), "Nothing is watched yet"),
        (AlertsFacts(watched_to=TODAY), "Nothing unusual: no alert is open"),
        (replace(FACTS, active=[alert(state="acknowledged")]), "Nothing unusual: no alert is open"),
        (replace(FACTS, active=[alert(), alert(alert_id=9)]), "2 alerts need a look"),
    ],
)
def test_the_answer_without_or_with_several(facts: AlertsFacts, says: str) -> None:
    assert page(facts).answer.sentence == says


def test_an_alert_says_since_when_and_leads_to_its_spend() -> None:
    row = page().active[0]
    assert row.since == "since 13 Nov, last seen 23 Nov"
    assert row.spend == "/spend?period=2026-10-16..2026-11-30&model=opus"
    assert page().past[0].since == "since 13 Nov, last seen 25 Nov"
    assert page().past[0].chart is None


def test_channels_say_what_arrived_and_why_not() -> None:
    chat, mail = page().channels
    assert (chat.heard, chat.dot, chat.team) == ("delivered 2 hours ago", "on", "all alerts")
    assert (mail.heard, mail.dot) == ("nothing delivered yet", "warn")
    assert mail.reason
    assert page().strip[3].shown.text == "1 of 2"
    assert page(AlertsFacts()).strip[3].shown.sureness is Sureness.NOTHING


def test_policies_and_mutes_are_sentences() -> None:
    built = page()
    assert [tuple(row) for row in built.policies] == [("Every team without its own", "providers: anthropic")]
    assert [(row.text, row.until) for row in built.mutes] == [("rises of spend of web", "until 31 Dec")]


def test_a_rise_is_drawn_by_day_with_what_is_usual_and_the_day_it_began() -> None:
    chart = alert_chart(alert(), series(alert()))
    assert chart.slots == 46
    assert [mark.text for mark in chart.marks] == ["began 13 Nov"]
    assert [key.text for key in chart.legend] == ["spent", "usual, $1.00 a day"]
    assert chart.paths[0][0] == "ln s-line"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("reasoning_share", "33\u202f%"),
        ("cache_share", "86\u202f%"),
        ("linked_share", "25\u202f%"),
        ("input_growth", "10"),
    ],
)
def test_a_shift_is_drawn_as_the_ratio_that_shifted(kind: str, text: str) -> None:
    of = alert(kind=kind, before=0.5)
    chart = alert_chart(of, series(of))
    assert chart.table.rows[0].cells == (text,)
    assert chart.legend[-1].text == "usual"


def test_days_without_requests_have_no_ratio() -> None:
    of = alert(kind="input_growth", before=9.0)
    empty = Series(days_of(of, TODAY), [Amounts()] * 5, ())
    assert alert_chart(of, empty).table.rows[0].cells == ("–",)


def test_a_budget_is_drawn_as_its_sum_against_the_limit() -> None:
    of = alert(kind="budget", began_on=date(2026, 11, 1), found_on=date(2026, 11, 20), subject="month 80 %")
    chart = alert_chart(of, series(of))
    assert days_of(of, TODAY) == Span(date(2026, 11, 1), date(2026, 11, 27))
    assert chart.table.rows[0].cells == ("$54.00",)
    assert "ln s-budget" in dict(chart.paths)


def test_every_kind_of_alert_has_a_name_and_a_chart() -> None:
    for kind in Kind:
        of = alert(kind=str(kind), before=0.5)
        assert kind in KINDS
        assert alert_chart(of, series(of)).table.rows
    assert set(RATIOS) < set(KINDS)


def test_the_days_of_an_alert_never_end_in_the_future() -> None:
    of = alert(kind="budget", began_on=date(2026, 12, 1), link="/spend?period=2026-12-01..2026-12-31", found_on=TODAY)
    assert view_of(of, TODAY).address == "/spend?period=2026-12-01..2026-12-02"
    assert view_of(alert(link=""), TODAY).filters == {}
    assert not has_series(alert(subject="region eu"))


def test_one_alert_has_its_facts_and_what_was_sent() -> None:
    sent = {"channel": "finops", "event": "raised", "state": "delivered", "failure": None, "created_at": NOW}
    facts = AlertFacts(alert(cause="model opus"), series(alert()), [{**sent, "delivered_at": NOW - timedelta(days=1)}])
    built = build_alert(facts, NOW)
    assert dict(built.alert.facts)["Cause"] == "model opus"
    assert [(row.channel, row.at) for row in built.deliveries] == [("finops", "1 day ago")]
    frame = build_frame("Alert 7", "/alerts/7", FRESH, NOW, None)
    for shown in (built, build_alert(AlertFacts(alert()), NOW)):
        text = templates().get_template("alerts/alert.html").render(frame=frame, page=shown)
        assert text.count("<h1>") == 1


@pytest.mark.parametrize("facts", [FACTS, AlertsFacts()])
def test_the_template_draws_it(facts: AlertsFacts) -> None:
    frame = build_frame("Alerts", "/alerts", FRESH, NOW, view())
    text = templates().get_template("alerts/page.html").render(frame=frame, page=page(facts), view=view())
    assert " style=" not in text
    assert text.count("<h1>") == 1
