"""The page of spend, from facts to what its template shows. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from service.dashboard.charts.parts import Chart
from service.dashboard.charts.ranges import Effect
from service.dashboard.components.causes import cause_bars
from service.dashboard.components.fates import FATES, Fates, fate_chart
from service.dashboard.components.figures import Answer, Export, Figure, Notice, Trust
from service.dashboard.components.slots import leading_empty, slot_looks, without_leading
from service.dashboard.components.view_bar import Choice, scope_text
from service.dashboard.numbers.days import full_day_text
from service.dashboard.numbers.sureness import interval_text
from service.dashboard.numbers.units import percent_text, usd_text
from service.dashboard.spend.drawings import change_chart, forecast_chart, price_chart
from service.dashboard.spend.facts import SpendFacts
from service.dashboard.spend.lists import (
    Bill,
    BudgetRow,
    GroupRow,
    TeamRow,
    bills,
    budgets,
    groups,
    teams,
    verdict_of,
)
from service.dashboard.spend.strip import build_strip, build_trust
from service.dashboard.spend.sums import Totals, forecast_of, tokens_in, totals_of
from service.dashboard.view.view import View
from vocabulary.tokens import usd_text as decimal_usd


@dataclass(frozen=True, slots=True)
class SpendPage:
    """All values that the template shows."""

    answer: Answer
    notices: list[Notice]
    strip: list[Figure]
    trust: list[Trust]
    is_withheld: bool
    units: list[Choice]
    bills: list[Bill]
    fates: Chart
    price: Chart
    change: Chart | None
    causes: list[Effect]
    change_line: str
    not_compared: str
    forecast: Chart | None
    forecast_title: str
    forecast_line: str
    budgets: list[BudgetRow]
    models: list[GroupRow]
    workflows: list[GroupRow]
    teams: list[TeamRow]
    export: Export


def build_spend(view: View, facts: SpendFacts, heard: Trust, not_compared: str, silent_since: date | None) -> SpendPage:
    """Build the page; `heard` opens the trust strip, `not_compared` says why there is no comparison."""
    is_compared = not not_compared
    number = leading_empty([bool(tokens_in(now) or tokens_in(before)) for now, before in _slots(facts)])
    view = without_leading(view, number)
    names = ("fates", "fates_before", "at_list", "at_effective")
    kept: dict[str, Any] = {name: getattr(facts, name)[number:] for name in names}
    facts = replace(facts, **kept)
    looks = slot_looks(view, silent_since)
    totals = totals_of(view, facts)
    quarter = forecast_of(facts, "quarter")
    is_stale = silent_since is not None and silent_since < view.period.span.last
    billed = bills(facts.bills)
    return SpendPage(
        answer=_answer(view, facts, totals, billed, None if is_stale else quarter, silent_since if is_stale else None),
        notices=_notices(view),
        strip=build_strip(view, facts, totals, billed, is_compared=is_compared, is_stale=is_stale),
        trust=build_trust(facts, heard, billed),
        is_withheld=bool(facts.withheld),
        units=[
            Choice("Dollars", view.at(unit="usd"), not view.is_in_tokens),
            Choice("Tokens", view.at(unit="tokens"), view.is_in_tokens),
        ],
        bills=billed,
        fates=fate_chart(view, facts.fates, looks),
        price=price_chart(view, facts, looks),
        change=change_chart(facts, facts.causes) if facts.causes is not None else None,
        causes=cause_bars(facts.causes) if facts.causes is not None else [],
        change_line=f"From {view.period.before_name or 'the period before'} to this period. Effects are averaged over "
        "every order of the steps, so none depends on which came first.",
        not_compared=not_compared or "Causes are known for all spend and for a team, not for a part of it.",
        forecast=forecast_chart(facts.quarter, quarter) if quarter and facts.quarter and not is_stale else None,
        forecast_title="Budget and forecast of the quarter",
        forecast_line=_forecast_line(quarter) if quarter else "",
        budgets=budgets(facts.budgets, [] if is_stale else facts.forecasts),
        models=groups(facts.by_model, lambda name: view.at(model=name), "unknown model", is_compared=is_compared),
        workflows=groups(facts.by_workflow, lambda name: view.at(workflow=name), "untagged", is_compared=is_compared)
        if any(facts.by_workflow)
        else [],
        teams=teams(view, facts.changes, is_compared=is_compared) if not view.team else [],
        export=_export(view, facts),
    )


def _slots(facts: SpendFacts) -> Iterable[tuple[Fates, Fates]]:
    return zip(facts.fates, facts.fates_before, strict=True)


def _answer(
    view: View,
    facts: SpendFacts,
    totals: Totals,
    billed: Sequence[Bill],
    quarter: Mapping[str, Any] | None,
    silent_since: date | None,
) -> Answer:
    scope = scope_text(view)
    as_of = full_day_text(silent_since) if silent_since else ""
    if facts.withheld:
        return Answer(f"Figures{scope} are withheld", [(f"{facts.withheld[:1].upper()}{facts.withheld[1:]}.", False)])
    period = view.period.name
    period = f"a {period}" if period in {"day", "week", "month"} else period
    if billed and facts.bills:
        all_of = billed[-1]
        sentence = f"{all_of.billed} billed in {period}; telemetry saw {all_of.share_text} of it"
    elif totals.unfinished:
        sentence = f"{usd_text(totals.nano_usd)} spent{scope} so far this week ({totals.unfinished})"
    elif totals.tokens and not totals.nano_usd:
        sentence = f"Nothing of what was used{scope} in these {view.period.name} has a price"
    elif totals.nano_usd:
        sentence = f"{usd_text(totals.nano_usd)} spent{scope} in {period}, {_at(view)}"
    else:
        sentence = f"Nothing was spent{scope} in these {view.period.name}"
    why: list[tuple[str, bool]] = []
    if totals.nano_usd_before and totals.nano_usd:
        change = totals.nano_usd - totals.nano_usd_before
        share = percent_text(abs(change) / totals.nano_usd_before)
        verb = "rose" if change > 0 else "fell"
        why.append((f"Spend {verb} by {usd_text(abs(change))} ({share}) on {view.period.before_name}. ", False))
    if quarter is not None and (said := _budget_sentence(quarter)):
        why.append((said, True))
    return Answer(sentence, why, as_of)


def _at(view: View) -> str:
    return view.price_name if view.price == "billed" else f"at {view.price_name}"


def _budget_sentence(forecast: Mapping[str, Any]) -> str:
    ends = f"This quarter is likely to end at {usd_text(forecast['likely_nano_usd'])}"
    budget = forecast["budget_nano_usd"]
    if not budget:
        return f"{ends}."
    verdict, _ = verdict_of(budget, forecast)
    return f"{ends}; the budget of {usd_text(budget)} is {verdict}."


def _forecast_line(forecast: Mapping[str, Any]) -> str:
    ends = interval_text(forecast["low_nano_usd"], forecast["high_nano_usd"], usd_text)
    return (
        f"{usd_text(forecast['spent_nano_usd'])} spent by {full_day_text(forecast['made_to'])}. "
        f"Likely end: {usd_text(forecast['likely_nano_usd'])}; 80 % of outcomes: {ends}."
    )


def _notices(view: View) -> list[Notice]:
    region = view.value("region")
    if not region:
        return []
    text = "Spend is not summed by region, so the figures below are of every region."
    return [Notice(f"Not limited to {region}.", text, view.at(region=""), "Leave it out", is_plain=True)]


def _export(view: View, facts: SpendFacts) -> Export:
    columns = (
        "first_day",
        "last_day",
        "days_known",
        *(f"{fate}_{unit}" for unit in ("usd", "tokens") for fate in FATES),
    )
    rows = [
        (
            *(str(slot.span.first), str(slot.span.last), slot.days),
            *(decimal_usd(fates[fate].nano_usd) for fate in FATES),
            *(fates[fate].tokens.total for fate in FATES),
        )
        for slot, fates in zip(view.period.slots, facts.fates, strict=True)
    ]
    return Export("spend", columns, [] if facts.withheld else rows)
