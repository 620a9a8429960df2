"""The tables of alerts: channels, policies and mutes. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from service.dashboard.numbers.days import ago_text, day_text
from service.failures import failure_sentence

CHANNELS: Final = {
    "slack": "Slack or a similar chat",
    "teams": "Microsoft Teams",
    "email": "e-mail",
    "webhook": "webhook",
    "pagerduty": "PagerDuty",
}
RULES: Final = {
    "rise": "rises of spend",
    "reasoning_share": "shares of reasoning",
    "input_growth": "growing prompts",
    "cache_share": "shares of caching",
    "linked_share": "shares of linked tokens",
    "policy": "spend outside a policy",
    "silence": "silent telemetry",
    "budget": "budgets",
}
LISTS: Final = {"provider": "providers", "model": "models", "region": "regions"}


class ChannelRow(NamedTuple):
    """A channel, when something last arrived, and why sending fails. `dot` is `on`, `warn` or `off`."""

    id: int
    name: str
    what: str
    team: str
    heard: str
    dot: str
    reason: str


class PolicyRow(NamedTuple):
    """What a team, or each team without a policy of its own, may use."""

    name: str
    allowed: str


class MuteRow(NamedTuple):
    """What is not sent, and how long."""

    id: int
    text: str
    until: str


class DeliveryRow(NamedTuple):
    """What was sent to a channel, and what came of it."""

    channel: str
    event: str
    state: str
    at: str
    reason: str


def channel_rows(rows: Sequence[Mapping[str, Any]], now: datetime) -> list[ChannelRow]:
    """Return the channels, the oldest first."""
    return [
        ChannelRow(
            row["id"],
            row["name"],
            f"{CHANNELS.get(row['kind'], row['kind'])}, {row['host']}",
            row["team"] or "all alerts",
            f"delivered {ago_text(row['delivered_at'], now)}" if row["delivered_at"] else "nothing delivered yet",
            "warn" if row["failure"] else "on" if row["delivered_at"] else "off",
            failure_sentence(row["failure"]) or "",
        )
        for row in rows
    ]


def policy_rows(rows: Sequence[Mapping[str, Any]]) -> list[PolicyRow]:
    """Return one row for each team with a policy."""
    by_team: dict[str | None, list[str]] = {}
    for row in rows:
        by_team.setdefault(row["team"], []).append(f"{LISTS[row['dimension']]}: {', '.join(row['allowed'])}")
    return [PolicyRow(team or "Every team without its own", "; ".join(allowed)) for team, allowed in by_team.items()]


def mute_rows(rows: Sequence[Mapping[str, Any]]) -> list[MuteRow]:
    """Return what is muted."""
    return [
        MuteRow(
            row["id"],
            f"{RULES.get(row['rule'] or '', 'all alerts')} of {row['team'] or 'all teams'}",
            f"until {day_text(row['muted_to'])}" if row["muted_to"] else "until it is removed",
        )
        for row in rows
    ]


def delivery_rows(rows: Sequence[Mapping[str, Any]], now: datetime) -> list[DeliveryRow]:
    """Return what was sent, the newest first."""
    return [
        DeliveryRow(
            row["channel"],
            row["event"],
            row["state"],
            ago_text(row["delivered_at"] or row["created_at"], now),
            failure_sentence(row["failure"]) or "",
        )
        for row in rows
    ]
