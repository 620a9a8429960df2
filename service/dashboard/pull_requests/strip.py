"""The figures above the list, and how far to trust them. Pure."""

from urllib.parse import urlencode

from service.dashboard.components.figures import Figure, Line, Trust
from service.dashboard.numbers.sureness import Shown, nothing, withheld
from service.dashboard.numbers.units import change_text, count_text, exact_text, exact_usd_text, percent_text, usd_text
from service.dashboard.pull_requests.facts import ListFacts
from service.dashboard.pull_requests.sums import FEWEST, Spread
from service.dashboard.view.view import View
from service.queries.spend.merged_sums import MergedSum

WELL_LINKED = "Of pull requests of which at least 60 % of the tokens are linked directly, without those of bots."
DEFINITIONS = {
    "Pull requests merged": "Merged in the period.",
    "Spent on them": "Everything ever spent on the pull requests merged in the period, whenever it was.",
    "Median": f"Half cost less, half cost more. {WELL_LINKED}",
    "Dearest tenth": f"The share of all their cost that the dearest tenth took. {WELL_LINKED}",
    "Open now": "Pull requests that are open at present, whenever they were opened.",
    "Spent on them so far": "Everything attributed to the open pull requests up to now.",
    "Abandoned": "Spend of the period on pull requests that were closed without a merge, whenever that was.",
}


def build_strip(view: View, facts: ListFacts, spread: Spread | None) -> list[Figure]:
    """Return the figures; empty where only rows are known. Withheld ones have a reason."""
    if facts.withheld:
        names = ("Pull requests merged", "Spent on them", "Median", "Dearest tenth")
        shown: dict[str, tuple[Shown, list[Line]]] = {name: (withheld(facts.withheld), []) for name in names}
    elif facts.merged is not None:
        shown = _merged(view, facts, facts.merged, spread)
    elif facts.held is not None:
        shown = {
            "Open now": (_count(facts.held.pull_requests), []),
            "Spent on them so far": (_money(facts.held.nano_usd), []),
        }
    elif facts.ended_nano_usd is not None:
        shown = {"Abandoned": (_money(facts.ended_nano_usd), [])}
    else:
        shown = {}
    basis = f"{view.period.shown}, UTC days. {view.price_name.capitalize()}."
    return [
        Figure(name, value, DEFINITIONS[name], basis, _request(view, name), lines)
        for name, (value, lines) in shown.items()
    ]


def build_trust(facts: ListFacts, heard: Trust) -> list[Trust]:
    """Return the trust strip."""
    items = [heard]
    if facts.linked_share is not None:
        items.append(Trust("", percent_text(facts.linked_share), "of the tokens linked to pull requests directly"))
    if not facts.is_exact:
        items.append(Trust("", "Only the 1,000 dearest", "are ranked by their low end", "off"))
    return items


def _merged(
    view: View, facts: ListFacts, merged: MergedSum, spread: Spread | None
) -> dict[str, tuple[Shown, list[Line]]]:
    before, name = facts.merged_before, view.period.before_name
    few = nothing(f"needs {FEWEST} pull requests that are linked well")
    return {
        "Pull requests merged": (
            _count(merged.pull_requests),
            _change(merged.pull_requests, before.pull_requests, name) if before else [],
        ),
        "Spent on them": (
            _money(merged.nano_usd),
            _change(merged.nano_usd, before.nano_usd, name) if before else [],
        ),
        "Median": (
            Shown(usd_text(spread.median)) if spread else few,
            [Line("", f"of {exact_text(spread.number)} that are linked well")] if spread else [],
        ),
        "Dearest tenth": (
            Shown(percent_text(spread.dearest_tenth)) if spread else few,
            [Line("", "of their money")] if spread else [],
        ),
    }


def _count(number: int) -> Shown:
    return Shown(count_text(number), exact=exact_text(number))


def _money(nano_usd: int) -> Shown:
    return Shown(usd_text(nano_usd), exact=exact_usd_text(nano_usd)) if nano_usd else nothing("nothing was spent")


def _change(now: float, then: float, name: str) -> list[Line]:
    change = change_text(now, then)
    return [Line(change, f"on {name}")] if change and name else []


def _request(view: View, name: str) -> str:
    span = {"from": str(view.period.span.first), "to": str(view.period.span.last)}
    team = {"team": view.team} if view.team else {}
    kind = {"cost_kind": view.price} if view.price != "list" else {}
    if name in {"Open now", "Spent on them so far"}:
        return f"/api/v1/attributions?{urlencode({'state': 'open', **team, 'sort': 'cost', **kind})}"
    if name == "Abandoned":
        return f"/api/v1/spend?{urlencode({**span, **team, 'group_by': 'fate', **kind})}"
    if name in {"Median", "Dearest tenth"}:
        return f"/api/v1/metrics/percentiles?{urlencode({**span, **team, **kind})}"
    return f"/api/v1/metrics/tokens-per-pr?{urlencode({**span, **team, 'bucket': 'total', **kind})}"
