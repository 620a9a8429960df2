"""The page of data quality, from facts to what its template shows. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from service.dashboard.charts.parts import Chart
from service.dashboard.components.figures import Answer, Export, Figure, Trust
from service.dashboard.components.slots import leading_empty, slot_looks, without_leading
from service.dashboard.components.view_bar import scope_text
from service.dashboard.numbers.days import full_day_text
from service.dashboard.numbers.units import exact_text, percent_text
from service.dashboard.quality.balance import Balance, build_balance
from service.dashboard.quality.facts import QualityFacts
from service.dashboard.quality.gaps import Gap, find_gaps, lost_records
from service.dashboard.quality.links import EVIDENCE, TeamRow, link_chart, linked_share, team_rows
from service.dashboard.quality.next_steps import NextStep, find_next_steps
from service.dashboard.quality.sources import SourceRow, source_rows
from service.dashboard.quality.strip import build_strip, build_trust
from service.dashboard.view.view import View
from vocabulary.intervals import RELIABLE_SHARE

MOST_NAMED = 2


@dataclass(frozen=True, slots=True)
class QualityPage:
    """All values that the template shows."""

    answer: Answer
    strip: list[Figure]
    trust: list[Trust]
    is_withheld: bool
    balance: Balance
    command: str
    sources: list[SourceRow]
    has_sources: bool
    links: Chart | None
    steps: list[NextStep]
    teams: list[TeamRow]
    teams_footer: str
    no_teams: str
    gaps: list[Gap]
    export: Export


def build_quality(
    view: View, facts: QualityFacts, heard: Trust, now: datetime, silent_since: date | None, teams: int
) -> QualityPage:
    """Build the page; `heard` opens the trust strip, `teams` is the number of teams."""
    period = view.period.span
    return QualityPage(
        answer=_answer(view, facts, silent_since),
        strip=build_strip(view, facts),
        trust=build_trust(facts, heard, teams),
        is_withheld=bool(facts.withheld),
        balance=build_balance(facts),
        command=f"shipledger ledger --from {period.first} --to {period.last}"
        + (f" --team {view.team}" if view.team.isalnum() else ""),
        sources=source_rows(facts, now),
        has_sources=not facts.is_of_own_team,
        links=_links(view, facts, silent_since),
        steps=find_next_steps(facts, now),
        teams=team_rows(view, facts.teams) if not view.team else [],
        teams_footer=_withheld_sentence(facts),
        no_teams="The page shows one team." if view.team else _no_teams(view),
        gaps=find_gaps(facts),
        export=_export(view, facts),
    )


def _links(view: View, facts: QualityFacts, silent_since: date | None) -> Chart | None:
    has_links = [linked_share(each) is not None for each in facts.links]
    if not any(has_links):
        return None
    number = leading_empty(has_links)
    shown = without_leading(view, number)
    return link_chart(shown, facts.links[number:], slot_looks(shown, silent_since))


def _answer(view: View, facts: QualityFacts, silent_since: date | None) -> Answer:
    scope = scope_text(view)
    if facts.withheld:
        return Answer(f"Figures{scope} are withheld", [(f"{facts.withheld[:1].upper()}{facts.withheld[1:]}.", False)])
    as_of = full_day_text(silent_since) if silent_since and silent_since < view.period.span.last else ""
    share = linked_share(facts.linked)
    if facts.difference:
        return Answer(
            f"Do not trust these figures: {exact_text(abs(facts.difference))} tokens do not add up",
            [("This is a defect. ", True), ("The ledger line below shows where.", False)],
        )
    if facts.double_counting:
        sentence = "Some tokens may be counted twice"
    elif not facts.tokens:
        sentence = f"Nothing was received{scope} in these {view.period.name}"
    elif share is None:
        sentence = "Good enough for totals; no tokens are on pull requests yet"
    else:
        sentence = _linked_sentence(facts, share)
    why: list[tuple[str, bool]] = []
    if share is not None:
        why.append((f"{percent_text(share)} of the tokens on pull requests are linked to them directly. ", True))
    if facts.difference == 0 and facts.tokens:
        why.append((f"All {exact_text(facts.received)} tokens received are in the ledger. ", False))
    if lost := lost_records(facts):
        why.append((f"{exact_text(lost)} records that hold tokens could not be counted.", False))
    return Answer(sentence, why, as_of)


def _linked_sentence(facts: QualityFacts, share: float) -> str:
    below = sorted((each for each in facts.teams if each.tokens and each.share < RELIABLE_SHARE), key=lambda t: t.share)
    if share < RELIABLE_SHARE:
        return "Good enough for totals; single pull requests are mostly estimates"
    if not below:
        return "Good enough for totals and for single pull requests"
    named = " and ".join(each.team for each in below[:MOST_NAMED])
    more = f" and {len(below) - MOST_NAMED} more" if len(below) > MOST_NAMED else ""
    return f"Good enough for every total; not for single pull requests of {named}{more}"


def _no_teams(view: View) -> str:
    if not view.period.is_whole_weeks:
        return "Teams are compared by whole weeks; choose a period of them."
    return "No pull request with tokens was merged in this period."


def _withheld_sentence(facts: QualityFacts) -> str:
    number = len(facts.withheld_teams)
    if not number:
        return ""
    reasons = ", or ".join(sorted({*facts.withheld_teams.values()}))
    return f"{number} team{'s are' if number != 1 else ' is'} withheld: {reasons}."


def _export(view: View, facts: QualityFacts) -> Export:
    columns = ("first_day", "last_day", "days_known", *(f"{kind}_tokens" for kind in EVIDENCE))
    rows = [
        (str(slot.span.first), str(slot.span.last), slot.days, *(each.get(kind, 0) for kind in EVIDENCE))
        for slot, each in zip(view.period.slots, facts.links, strict=True)
    ]
    return Export("quality", columns, [] if facts.withheld else rows)
