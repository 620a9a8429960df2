"""Sums of the page of spend, and its forecasts. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from service.dashboard.components.fates import Fates
from service.dashboard.spend.facts import SpendFacts
from service.dashboard.view.view import View


class Totals(NamedTuple):
    """Sums of the full slots."""

    nano_usd: int
    tokens: int
    nano_usd_before: int
    tokens_before: int
    unfinished: str


def totals_of(view: View, facts: SpendFacts) -> Totals:
    """Sum the full slots. If they hold nothing, but the running week does, sum that."""
    full = [place for place, slot in enumerate(view.period.slots) if slot.span != view.period.running]
    running = [place for place in range(len(facts.fates)) if place not in full]
    is_early = bool(running) and not any(tokens_in(facts.fates[place]) for place in full)
    is_early = is_early and any(tokens_in(facts.fates[place]) for place in running)
    places = running if is_early else full
    return Totals(
        sum(_nano(facts.fates[place]) for place in places),
        sum(tokens_in(facts.fates[place]) for place in places),
        0 if is_early else sum(_nano(facts.fates_before[place]) for place in full),
        0 if is_early else sum(tokens_in(facts.fates_before[place]) for place in full),
        (view.period.slots[running[0]].note or "today") if is_early else "",
    )


def forecast_of(facts: SpendFacts, period: str) -> Mapping[str, Any] | None:
    """Return the forecast of the organization, or of the team that the page is about."""
    rows = [row for row in facts.forecasts if row["period"] == period and not row["of_model"]]
    rows = [row for row in rows if not row["withheld_reason"]]
    return next((row for row in rows if row["team"] is None), rows[0] if len(rows) == 1 else None)


def _nano(fates: Fates) -> int:
    return sum(amount.nano_usd for amount in fates.values())


def tokens_in(fates: Fates) -> int:
    """Return the tokens of a slot."""
    return sum(amount.tokens.total for amount in fates.values())
