"""The figures of spend, and how far to trust them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from service.dashboard.components.figures import Figure, Line, Trust
from service.dashboard.numbers.days import day_text
from service.dashboard.numbers.sureness import Shown, interval_text, nothing, unfinished, withheld
from service.dashboard.numbers.units import change_text, exact_usd_text, percent_text, usd_text
from service.dashboard.spend.facts import SpendFacts
from service.dashboard.spend.lists import PERIODS, Bill
from service.dashboard.spend.sums import Totals, forecast_of
from service.dashboard.view.view import View

MILLION = 1_000_000
DEFINITIONS = {
    "Total spend": "All tokens received in the period: merged, in flight, abandoned and overhead.",
    "Billed": "What providers charged for the period, after discounts, with taxes and other charges.",
    "Price of a million tokens": "All spend of the period divided by its tokens of every kind, in millions.",
    "Likely end of the month": "What will be spent by the end of the running month; 80 % of outcomes are in the range.",
}


def build_strip(
    view: View, facts: SpendFacts, totals: Totals, billed: Sequence[Bill], *, is_compared: bool, is_stale: bool
) -> list[Figure]:
    """Return the four figures; withheld ones have a reason."""
    before = f"on {view.period.before_name}" if is_compared else ""
    total = Shown(usd_text(totals.nano_usd), exact=exact_usd_text(totals.nano_usd))
    if not totals.nano_usd and totals.tokens:
        total = nothing("nothing of it was billed or priced")
    change = change_text(totals.nano_usd, totals.nano_usd_before)
    price = totals.nano_usd * MILLION / totals.tokens if totals.tokens else 0
    earlier = totals.nano_usd_before * MILLION / totals.tokens_before if totals.tokens_before else 0
    month = forecast_of(facts, "month")
    shown: dict[str, tuple[Shown, list[Line]]] = {
        "Total spend": (
            unfinished(total.text, totals.unfinished) if totals.unfinished and total.is_known else total,
            [Line(change, before)] if change and before else [],
        ),
        "Billed": (
            (Shown(billed[-1].billed), [Line(billed[-1].share_text, "seen by telemetry")])
            if billed
            else (nothing("no bill of this period"), [])
        ),
        "Price of a million tokens": (
            Shown(usd_text(price)) if price else nothing("nothing was spent"),
            [Line(change_text(price, earlier), before)] if price and earlier and before else [],
        ),
        "Likely end of the month": (_month(month, is_stale=is_stale), _month_lines(month, is_stale=is_stale)),
    }
    basis = f"{view.period.shown}, UTC days. {view.price_name.capitalize()}."
    query = {"from": str(view.period.span.first), "to": str(view.period.span.last)}
    requests = {
        "Total spend": f"/api/v1/spend?{urlencode({**query, **({'team': view.team} if view.team else {})})}",
        "Billed": f"/api/v1/reconciliation?{urlencode(query)}",
        "Price of a million tokens": f"/api/v1/spend?{urlencode(query)}",
        "Likely end of the month": "/api/v1/forecasts",
    }
    return [
        Figure(
            name,
            withheld(facts.withheld) if facts.withheld else value,
            DEFINITIONS[name],
            basis,
            requests[name],
            [] if facts.withheld else lines,
        )
        for name, (value, lines) in shown.items()
    ]


def _month(forecast: Mapping[str, Any] | None, *, is_stale: bool) -> Shown:
    if is_stale:
        return nothing("nothing is forecast while days are missing")
    if forecast is None:
        return nothing("needs four weeks of history")
    return Shown(usd_text(forecast["likely_nano_usd"]))


def _month_lines(forecast: Mapping[str, Any] | None, *, is_stale: bool) -> list[Line]:
    if forecast is None or is_stale:
        return []
    ends = interval_text(forecast["low_nano_usd"], forecast["high_nano_usd"], usd_text)
    budget = forecast["budget_nano_usd"]
    spent = f"{usd_text(forecast['spent_nano_usd'])} until {day_text(forecast['made_to'])}"
    lines = [Line("", f"{ends}, {percent_text(0.8)} of outcomes"), Line("", spent)]
    if forecast["low_nano_usd"] == forecast["high_nano_usd"]:
        lines = [Line("", f"{forecast['first_day']:%B} is over")]
    return [*lines, Line("", f"budget of {PERIODS['month']}: {usd_text(budget)}")] if budget else lines


def build_trust(facts: SpendFacts, heard: Trust, billed: Sequence[Bill]) -> list[Trust]:
    """Return the trust strip."""
    items = [heard]
    if billed:
        items.append(Trust("Telemetry saw", billed[-1].share_text, "of the bill"))
    if not facts.is_settled:
        items.append(Trust("", "Some days are not settled yet", "and may still change", "off"))
    return items
