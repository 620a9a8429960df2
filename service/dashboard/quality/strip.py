"""The figures of data quality. Pure."""

from urllib.parse import urlencode

from service.dashboard.components.figures import Figure, Line, Trust
from service.dashboard.numbers.sureness import Shown, nothing, withheld
from service.dashboard.numbers.units import count_text, exact_text, percent_text, points_text
from service.dashboard.quality.facts import QualityFacts
from service.dashboard.quality.links import linked_share
from service.dashboard.quality.sources import seconds_text
from service.dashboard.view.view import View
from service.queries.tokens.recent_requests import SAMPLE
from vocabulary.intervals import RELIABLE_SHARE

DEFINITIONS = {
    "Ledger difference": "Tokens received, minus those on pull requests and overhead. It is 0, or tokens were lost.",
    "Linked directly": "Tokens on pull requests with a pull request number, commit or branch, of all on pull requests.",
    "Of the bill, seen": "Tokens that providers charged and telemetry saw too, of all that they charged.",
    "Priced": "Tokens of models that cost something, of all tokens. The others count and cost $0.",
    "Arrives within": f"From a request to its arrival: half of the last {SAMPLE:,} requests, and 95 % of them.",
}


def build_strip(view: View, facts: QualityFacts) -> list[Figure]:
    """Return the five figures."""
    shown = {
        "Ledger difference": _difference(facts),
        "Linked directly": _linked(view, facts),
        "Of the bill, seen": _billed(view, facts),
        "Priced": _priced(facts),
        "Arrives within": _delay(facts),
    }
    basis = f"{view.period.shown}, UTC days."
    query = {"from": str(view.period.span.first), "to": str(view.period.span.last)}
    asked = urlencode({**query, **({"team": view.team} if view.team else {})})
    requests = dict.fromkeys(shown, f"/api/v1/coverage?{asked}") | {"Ledger difference": f"/api/v1/ledger?{asked}"}
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


def build_trust(facts: QualityFacts, heard: Trust, teams: int) -> list[Trust]:
    """Return the trust strip."""
    items = [heard]
    if facts.withheld:
        return items
    if teams:
        items.append(Trust("Intervals are measured for", f"{facts.calibrated} of {teams} team{'s' * (teams != 1)}"))
    dead = sum(facts.dead.values())
    items.append(Trust("Dead letters", exact_text(dead), dot="warn" if dead else ""))
    if not facts.is_settled:
        items.append(Trust("", "Some days are not settled yet", "and may still change", "off"))
    return items


def _difference(facts: QualityFacts) -> tuple[Shown, list[Line]]:
    if not facts.received and not facts.tokens:
        return nothing("nothing was received"), []
    received = Line("", f"{count_text(facts.received)} tokens received")
    if facts.difference is None:
        return nothing("some days are not settled yet"), [received]
    return Shown(exact_text(facts.difference)), [received]


def _linked(view: View, facts: QualityFacts) -> tuple[Shown, list[Line]]:
    share = linked_share(facts.linked)
    if share is None:
        return nothing("no tokens are on pull requests"), []
    before = linked_share(facts.linked_before)
    change = [Line(points_text(share, before), f"on {view.period.before_name}")] if before is not None else []
    return Shown(percent_text(share)), [
        *change,
        Line("", f"{percent_text(RELIABLE_SHARE)} makes a single pull request reliable"),
    ]


def _billed(view: View, facts: QualityFacts) -> tuple[Shown, list[Line]]:
    billed, covered = facts.billed
    if view.team:
        return nothing("bills name no teams"), []
    if not billed:
        return nothing("no bill of this period"), []
    unseen = max(billed - covered, 0)
    return Shown(percent_text(min(covered / billed, 1))), [Line("", f"{count_text(unseen)} tokens not seen")]


def _priced(facts: QualityFacts) -> tuple[Shown, list[Line]]:
    whole = sum(each.tokens.total for each in facts.by_model.values())
    if not whole:
        return nothing("no tokens in this period"), []
    unpriced = facts.unpriced
    share = 1 - sum(unpriced.values()) / whole
    lines = [Line("", f"unknown: {next(iter(unpriced)) or 'no model named'}")] if unpriced else []
    return Shown(percent_text(share, 1 if unpriced else 0)), lines


def _delay(facts: QualityFacts) -> tuple[Shown, list[Line]]:
    whole = next((each for each in facts.requests if not each.source), None)
    if whole is None:
        return nothing("no request is stored any more"), []
    return Shown(seconds_text(whole.delay.half)), [
        Line("", f"half of the requests; 95 % within {seconds_text(whole.delay.most)}")
    ]
