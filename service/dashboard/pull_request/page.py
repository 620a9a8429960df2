"""The page of a pull request, from facts to what its template shows. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from schema.identifiers import artifact_text
from service.dashboard.charts.bars import Segment
from service.dashboard.charts.parts import Chart
from service.dashboard.charts.strip_plot import FEWEST, StripPlot, strip_plot
from service.dashboard.components.costs import direct_share, ends_of, evidence_bar, name_of
from service.dashboard.components.figures import Answer, Chip, Export, Figure, Notice, Trust
from service.dashboard.numbers.days import day_text
from service.dashboard.numbers.units import exact_text, percent_text
from service.dashboard.pull_request.answering import build_answer, notices
from service.dashboard.pull_request.facts import OneFacts
from service.dashboard.pull_request.life import Step, path_of
from service.dashboard.pull_request.sizes import size_of
from service.dashboard.pull_request.spending import LinkedRow, Spending, day_chart, linked_rows, spending_of
from service.dashboard.pull_request.strip import build_strip, build_trust
from service.dashboard.view.view import View
from vocabulary.tokens import TOKEN_KINDS
from vocabulary.tokens import usd_text as decimal_usd

STATES: Final = {"merged": "Merged", "open": "Open", "abandoned": "Closed without a merge"}
FORGES: Final = {"github": ("GitHub", "/pull/"), "gitlab": ("GitLab", "/-/merge_requests/")}
_LABEL = re.compile(r".*#(?P<number>[0-9]+)")
_REPOSITORY = re.compile(r"[a-z0-9.-]+(:[0-9]+)?(/[\w.-]+){2,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OnePage:
    """All values that the template shows."""

    answer: Answer
    notices: list[Notice]
    chips: list[Chip]
    strip: list[Figure]
    trust: list[Trust]
    path: list[Step]
    days: Chart | None
    is_estimate: bool
    linked: list[LinkedRow]
    linked_bar: list[Segment]
    linked_line: str
    spending: Spending
    peers: StripPlot | None
    peers_line: str
    no_peers: str
    export: Export


def build_one(view: View, facts: OneFacts, heard: Trust) -> OnePage:
    """Build the page; `heard` ends the trust strip."""
    plot = _peers(facts)
    share = percent_text(direct_share(facts.shown))
    return OnePage(
        answer=build_answer(facts),
        notices=notices(facts),
        chips=_chips(view, facts),
        strip=build_strip(view, facts),
        trust=build_trust(facts, heard),
        path=path_of(view, facts),
        days=day_chart(view, facts),
        is_estimate=facts.is_estimate,
        linked=linked_rows(facts),
        linked_bar=evidence_bar(facts.shown),
        linked_line=f"{share} came with its own id, commit or branch.",
        spending=spending_of(facts),
        peers=plot,
        peers_line=_peers_line(facts, plot) if plot else "",
        no_peers=_no_peers(facts),
        export=_export(facts),
    )


def forge_link(forge: str, repository: str | None, label: str | None) -> str:
    """Return the address at the forge, from the labels `host/owner/name` and `…#7`; empty without them."""
    found = _LABEL.fullmatch(label or "")
    if forge not in FORGES or found is None or not _REPOSITORY.fullmatch(repository or ""):
        return ""
    return f"https://{repository}{FORGES[forge][1]}{found['number']}"


def _chips(view: View, facts: OneFacts) -> list[Chip]:
    shown = facts.shown
    day = shown.merged_at or (facts.closed_at if shown.state == "abandoned" else None)
    state = STATES[shown.state]
    chips = [Chip(f"{state} {day_text(day.date())}" if day else state, "merged" if shown.merged_at else "")]
    chips.append(Chip(shown.team, link=view.carry("/pull-requests", team=shown.team)))
    chips += [Chip("by a bot")] if shown.bot else []
    if facts.releases:
        first = facts.releases[0]
        text = artifact_text(first.artifact_id)
        chips.append(Chip(f"shipped in {name_of(first.label, text)}", link=view.lead(f"/releases/{text}")))
    if address := forge_link(shown.forge, facts.repository, shown.label):
        chips.append(Chip(f"Open on {FORGES[shown.forge][0]}", link=address, is_away=True))
    return chips


def _peers(facts: OneFacts) -> StripPlot | None:
    ends = ends_of(facts.shown)
    if len(facts.peers) < FEWEST or ends.high is None or not ends.low:
        return None
    name = "What this pull request cost beside others of similar size"
    unit = "$ per merged pull request, log scale"
    return strip_plot(name, unit, "usd", facts.peers, (ends.low, ends.high, ends.point))


def _peers_line(facts: OneFacts, plot: StripPlot) -> str:
    size = size_of(facts.shown.outcomes.changed_lines)
    number = len(facts.peers)
    whose = f"of {facts.own_team}" if facts.own_team else "all teams"
    of = f"{number} merged pull requests of {size.lines if size else 'similar size'}, {whose}"
    half = f"the shaded half lies between {plot.quartiles[0]} and {plot.quartiles[2]}"
    point = ends_of(facts.shown).point
    if point is None:
        return f"Its range beside {of}; {half}."
    cheaper = sum(each < point for each in facts.peers)
    than = "all" if cheaper == number else "none" if not cheaper else percent_text(cheaper / number)
    return f"Dearer than {than} of {of}; {half}."


def _no_peers(facts: OneFacts) -> str:
    lines = facts.shown.outcomes.changed_lines
    if lines is None:
        return "Its forge has not reported how many lines it changed."
    if not facts.shown.tokens.total:
        return "It has no tokens to compare."
    found = f"Linked well and merged in the 12 weeks before: {len(facts.peers)} of its size"
    return f"{found} ({exact_text(lines)} changed lines); {FEWEST} are needed."


def _export(facts: OneFacts) -> Export:
    columns = ("day", "model", "evidence", "share_of_tokens", *TOKEN_KINDS, "cost_usd")
    whole = sum(each.spend.tokens.total for each in facts.days) or 1
    rows = [
        (
            *(str(each.day), each.model, each.evidence, round(each.spend.tokens.total / whole, 4)),
            *(None if facts.is_estimate else getattr(each.spend.tokens, kind) for kind in TOKEN_KINDS),
            None if facts.is_estimate else decimal_usd(each.spend.nano_usd),
        )
        for each in facts.days
    ]
    return Export(facts.shown.artifact_id, columns, rows)
