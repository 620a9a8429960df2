"""The overview, from facts to what its template shows. Pure."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from service.dashboard.charts.bars import Segment
from service.dashboard.charts.parts import Chart
from service.dashboard.charts.ranges import Effect
from service.dashboard.components.causes import cause_bars
from service.dashboard.components.fates import FATES, fate_chart
from service.dashboard.components.figures import Answer, Export, Figure, Trust
from service.dashboard.components.pull_requests import PullRequestTable
from service.dashboard.components.slots import leading_empty, slot_looks, without_leading
from service.dashboard.components.view_bar import Choice
from service.dashboard.numbers.days import full_day_text
from service.dashboard.numbers.units import exact_text, exact_usd_text, signed, usd_text
from service.dashboard.overview.answering import build_answer
from service.dashboard.overview.drawings import cost_chart
from service.dashboard.overview.facts import OverviewFacts
from service.dashboard.overview.lists import (
    AlertLine,
    Part,
    Release,
    alert_lines,
    dearest_list,
    parts_of,
    release_list,
    whole_of,
)
from service.dashboard.overview.strip import build_strip, build_trust
from service.dashboard.overview.sums import Sums, sum_up
from service.dashboard.view.view import View
from vocabulary.tokens import usd_text as decimal_usd

PACE_WEEKS = 4


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """All values that the template shows."""

    answer: Answer
    strip: list[Figure]
    trust: list[Trust]
    is_withheld: bool
    cost: Chart
    fates: Chart
    units: list[Choice]
    unfinished: str
    causes: list[Effect]
    causes_line: str
    not_compared: str
    alerts: list[AlertLine]
    whole: list[Segment]
    whole_line: str
    parts: list[Part]
    balance: str
    dearest: PullRequestTable
    merged: str
    releases: list[Release]
    export: Export
    links: dict[str, str]


def build_overview(
    view: View, facts: OverviewFacts, heard: Trust, not_compared: str, silent_since: date | None
) -> OverviewPage:
    """Build the page; `heard` opens the trust strip."""
    view, facts = _without_leading(view, facts)
    sums = sum_up(facts, view.period, is_compared=not not_compared)
    looks = slot_looks(view, silent_since)
    answer = build_answer(view, facts, sums, not_compared)
    if silent_since is not None and silent_since < view.period.span.last:
        answer = Answer(answer.sentence, answer.why, full_day_text(silent_since))
    is_whole = not facts.withheld
    return OverviewPage(
        answer=answer,
        strip=build_strip(view, sums, facts.withheld, _pace(view, facts)),
        trust=build_trust(sums, dict(facts.linked), heard, facts.billed, is_settled=facts.is_settled),
        is_withheld=bool(facts.withheld),
        cost=cost_chart(view, facts, looks),
        fates=fate_chart(view, facts.fates, looks),
        units=[
            Choice("Dollars", view.at(unit="usd"), not view.is_in_tokens),
            Choice("Tokens", view.at(unit="tokens"), view.is_in_tokens),
        ],
        unfinished=_unfinished(view),
        causes=cause_bars(facts.causes) if facts.causes else [],
        causes_line=f"{signed(facts.change, usd_text(facts.change))} on {view.period.before_name}, at list price",
        not_compared=not_compared,
        alerts=alert_lines(facts.alerts),
        whole=whole_of(sums) if is_whole else [],
        whole_line=f"{usd_text(sums.nano_usd)} in {view.period.name}",
        parts=parts_of(sums),
        balance=_balance(sums, is_settled=facts.is_settled),
        dearest=dearest_list(view, facts.dearest),
        merged=exact_text(sums.merged.pull_requests),
        releases=release_list(view, facts.releases),
        export=_export(view, facts),
        links={path: view.carry(path) for path in ("/pull-requests", "/releases", "/spend", "/quality", "/alerts")},
    )


def _without_leading(view: View, facts: OverviewFacts) -> tuple[View, OverviewFacts]:
    """Leave out the slots before the first data, of either period."""
    has_data = [
        any(amount.tokens.total for each in (now, before) for amount in each.values())
        or merged.pull_requests > 0
        or merged_before.pull_requests > 0
        for now, before, merged, merged_before in zip(
            facts.fates, facts.fates_before, facts.merged, facts.merged_before, strict=True
        )
    ]
    number = leading_empty(has_data)
    names = ("fates", "fates_before", "merged", "merged_before")
    kept: dict[str, Any] = {name: getattr(facts, name)[number:] for name in names}
    return without_leading(view, number), replace(facts, **kept)


def _pace(view: View, facts: OverviewFacts) -> int | None:
    """Return the spend of the last four full weeks, if the slots are weeks."""
    full = [
        sum(amount.nano_usd for amount in fates.values())
        for slot, fates in zip(view.period.slots, facts.fates, strict=True)
        if not slot.is_partial and slot.whole == 7  # noqa: PLR2004 - a week
    ]
    return sum(full[-PACE_WEEKS:]) if len(full) > PACE_WEEKS and all(full[-PACE_WEEKS:]) else None


def _unfinished(view: View) -> str:
    running = view.period.running
    if running is None:
        return ""
    return f"The week of {view.period.slots[-1].label} is unfinished and in none of the figures above."


def _balance(sums: Sums, *, is_settled: bool) -> str:
    parts = " + ".join(exact_usd_text(sums.by_fate[fate]).removeprefix("$") for fate in FATES)
    total = f"Spent {exact_usd_text(sums.nano_usd)} = {parts}"
    if sums.received is None or sums.unfinished:
        return f"{total}."
    rest = sums.received - sums.tokens
    if not is_settled:
        return f"{total}; {exact_text(rest)} tokens are not settled yet."
    return f"{total}; {exact_text(sums.received)} tokens received, difference {exact_text(rest)}."


def _export(view: View, facts: OverviewFacts) -> Export:
    columns = (
        *("first_day", "last_day", "days_known"),
        *(f"{fate}_usd" for fate in FATES),
        *(f"{fate}_tokens" for fate in FATES),
        *("merged_pull_requests", "merged_cost_usd", "merged_tokens"),
    )
    rows = [
        (
            *(str(slot.span.first), str(slot.span.last), slot.days),
            *(decimal_usd(fates[fate].nano_usd) for fate in FATES),
            *(fates[fate].tokens.total for fate in FATES),
            *(merged.pull_requests, decimal_usd(merged.nano_usd), merged.tokens),
        )
        for slot, fates, merged in zip(view.period.slots, facts.fates, facts.merged, strict=True)
    ]
    return Export("overview", columns, [] if facts.withheld else rows)
