"""The pages of alerts, from facts to what their templates show. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from service.dashboard.alerts.drawings import alert_chart
from service.dashboard.alerts.facts import AlertFacts, AlertsFacts, Series
from service.dashboard.alerts.lists import (
    RULES,
    ChannelRow,
    DeliveryRow,
    MuteRow,
    PolicyRow,
    channel_rows,
    delivery_rows,
    mute_rows,
    policy_rows,
)
from service.dashboard.alerts.subjects import view_of
from service.dashboard.charts.parts import Chart
from service.dashboard.components.figures import Answer, Export, Figure, Trust
from service.dashboard.components.view_bar import MOST_SUGGESTED, scope_text
from service.dashboard.numbers.days import day_text, full_day_text
from service.dashboard.numbers.sureness import Shown, nothing
from service.dashboard.numbers.units import exact_text
from service.dashboard.spend.lists import BudgetRow, budgets
from service.dashboard.view.view import View
from vocabulary.tokens import usd_text as decimal_usd

KINDS: Final = {
    "rise": "rise of spend",
    "reasoning_share": "more reasoning",
    "input_growth": "growing prompts",
    "cache_share": "less caching",
    "linked_share": "fewer linked tokens",
    "policy": "outside a policy",
    "silence": "silent telemetry",
    "budget": "budget",
}
# What a form offers; snoozing also needs a day.
ANSWERS: Final = {"acknowledged": "Acknowledge", "resolved": "Resolve", "muted": "Mute", "open": "Open again"}
SNOOZE: Final = timedelta(weeks=1)
STATES: Final = {
    "open": "open",
    "acknowledged": "acknowledged",
    "snoozed": "snoozed",
    "resolved": "resolved",
    "muted": "muted",
}


class AlertRow(NamedTuple):
    """One alert. `spend` is the address of its spend; the chart is None if its days are not summed."""

    id: int
    sentence: str
    kind: str
    state: str
    needs_look: bool
    since: str
    facts: list[tuple[str, str]]
    address: str
    spend: str
    chart: Chart | None
    answers: list[tuple[str, str]]
    snooze_to: str


@dataclass(frozen=True, slots=True)
class AlertsPage:
    """All values that the template shows."""

    answer: Answer
    strip: list[Figure]
    trust: list[Trust]
    active: list[AlertRow]
    past: list[AlertRow]
    channels: list[ChannelRow]
    budgets: list[BudgetRow]
    policies: list[PolicyRow]
    mutes: list[MuteRow]
    rules: list[tuple[str, str]]
    teams: list[str]
    export: Export


@dataclass(frozen=True, slots=True)
class AlertPage:
    """One alert."""

    alert: AlertRow
    deliveries: list[DeliveryRow]
    export: Export


def build_alerts(view: View, facts: AlertsFacts, heard: Trust, now: datetime, teams: Sequence[str] = ()) -> AlertsPage:
    """Build the page of all alerts; `heard` opens the trust strip, `teams` are proposed in forms."""
    active = [_row(row, facts.series.get(row["alert_id"]), now.date()) for row in facts.active]
    verdicts = budgets(facts.budgets, facts.forecasts)
    channels = channel_rows(facts.channels, now)
    return AlertsPage(
        answer=_answer(view, active, facts),
        strip=_strip(facts, verdicts, channels),
        trust=_trust(facts, heard),
        active=active,
        past=[_row(row, None, now.date()) for row in facts.past],
        channels=channels,
        budgets=verdicts,
        policies=policy_rows(facts.policies),
        mutes=mute_rows(facts.mutes),
        rules=[*RULES.items()],
        teams=list(teams[:MOST_SUGGESTED]),
        export=_export([*facts.active, *facts.past]),
    )


def build_alert(facts: AlertFacts, now: datetime) -> AlertPage:
    """Build the page of one alert."""
    row = _row(facts.alert, facts.series, now.date())
    return AlertPage(row, delivery_rows(facts.deliveries, now), _export([facts.alert]))


def _row(row: Mapping[str, Any], series: Series | None, today: date) -> AlertRow:
    snoozed = f" until {day_text(row['snoozed_to'])}" if row["state"] == "snoozed" and row["snoozed_to"] else ""
    facts = {
        "What": KINDS.get(row["kind"], row["kind"]),
        "About": row["subject"],
        "Team": row["team"] or "",
        "Cause": row["cause"] or "",
        "Since": full_day_text(row["began_on"]),
        "Last seen": full_day_text(row["seen_on"] or row["found_on"]),
    }
    return AlertRow(
        row["alert_id"],
        row["sentence"] or row["subject"],
        KINDS.get(row["kind"], row["kind"]),
        f"{STATES.get(row['state'], row['state'])}{snoozed}",
        row["state"] == "open",
        f"since {day_text(row['began_on'])}, last seen {day_text(row['seen_on'] or row['found_on'])}",
        [(name, value) for name, value in facts.items() if value],
        f"/alerts/{row['alert_id']}",
        view_of(row, today).address,
        alert_chart(row, series) if series is not None and series.amounts else None,
        [(state, text) for state, text in ANSWERS.items() if state != row["state"]],
        str(today + SNOOZE),
    )


def _answer(view: View, active: Sequence[AlertRow], facts: AlertsFacts) -> Answer:
    is_open = [row for row in active if row.needs_look]
    scope = scope_text(view)
    if is_open:
        number = len(is_open)
        sentence = f"{number} alert{'s' * (number != 1)}{scope} need{'s' * (number == 1)} a look"
        return Answer(sentence, [(is_open[0].sentence, False)])
    if facts.watched_to is None and not facts.past and not active:
        return Answer(
            "Nothing is watched yet",
            [("Alerts need two weeks of settled spend; budgets count from the first day.", False)],
        )
    later = f" {len(active)} acknowledged or snoozed." if active else ""
    return Answer(f"Nothing unusual{scope}: no alert is open", [(later.strip(), False)] if later else [])


def _strip(facts: AlertsFacts, verdicts: Sequence[BudgetRow], channels: Sequence[ChannelRow]) -> list[Figure]:
    basis = "Everything that was raised so far."
    is_open = sum(row["state"] == "open" for row in facts.active)
    failing = sum(row.dot == "warn" for row in channels)
    endangered = sum(row.needs_look for row in verdicts)
    return [
        Figure("Open", Shown(exact_text(is_open)), "Alerts that nobody answered.", basis, "/api/v1/alerts?state=open"),
        Figure(
            "Acknowledged or snoozed",
            Shown(exact_text(len(facts.active) - is_open)),
            "Somebody looks at them, or they stay silent until a day.",
            basis,
            "/api/v1/alerts?state=acknowledged",
        ),
        Figure(
            "Budgets in danger",
            Shown(exact_text(endangered)) if verdicts else nothing("no budget is set"),
            "Budgets that are exceeded, or likely will be.",
            "Running months and quarters, list price.",
            "/api/v1/budgets",
        ),
        Figure(
            "Channels that work",
            Shown(f"{len(channels) - failing} of {len(channels)}") if channels else nothing("nobody is notified"),
            "Channels whose last message arrived, or that were not used yet.",
            "The last message of each.",
            "/api/v1/alert-channels",
        ),
    ]


def _trust(facts: AlertsFacts, heard: Trust) -> list[Trust]:
    items = [heard]
    if facts.watched_to is not None:
        items.append(Trust("Spend is watched up to", full_day_text(facts.watched_to)))
    if facts.mutes:
        items.append(Trust("", f"{len(facts.mutes)} muted", "rules or teams", "off"))
    return items


def _export(rows: Sequence[Mapping[str, Any]]) -> Export:
    plain = ("alert_id", "kind", "subject", "team", "cause", "state", "sentence")
    columns = (*plain, "began_on", "found_on", "usual_usd", "spent_usd", "withheld_reason")
    return Export(
        "alerts",
        columns,
        [
            (
                *(row[name] for name in plain),
                *(str(row[name]) for name in ("began_on", "found_on")),
                *(_usd(row[f"{name}_nano_usd"]) for name in ("usual", "spent")),
                row["withheld_reason"],
            )
            for row in rows
        ],
    )


def _usd(nano_usd: int | None) -> str | None:
    return None if nano_usd is None else decimal_usd(nano_usd)
