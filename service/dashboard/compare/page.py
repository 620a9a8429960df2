"""The page of a comparison, from facts to what its template shows. Pure."""

from dataclasses import dataclass
from urllib.parse import urlencode

from service.dashboard.compare.answering import NAMES, build_answer
from service.dashboard.compare.facts import MOST_ROWS, CompareFacts, Group, sum_up
from service.dashboard.compare.lists import UNNAMED, GroupTable, group_address, group_table, shown_groups
from service.dashboard.compare.ordering import DEFAULT, sort_of
from service.dashboard.components.comparisons import comparison_choices
from service.dashboard.components.figures import Answer, Export, Figure, Line, Trust
from service.dashboard.components.sorting import Column, sorted_columns
from service.dashboard.components.view_bar import Choice
from service.dashboard.numbers.sureness import Shown, figure, nothing, withheld
from service.dashboard.numbers.units import change_text, exact_text, exact_usd_text, percent_text, usd_text
from service.dashboard.view.view import View
from service.queries.teams.comparisons import Thresholds
from vocabulary.tokens import usd_text as decimal_usd

DEFINITIONS = {
    "Total spend": "All tokens received in the period: merged, in flight, abandoned and overhead.",
    "Dollars per merged pull request": (
        "Everything ever spent on the pull requests merged in the period, divided by their number. This is the mean "
        "that rows are compared with."
    ),
}
COLUMNS = (
    ("name", ""),
    ("spend", "Spend"),
    ("merged", "Merged"),
    ("cost", "$ per merged PR"),
    ("tokens", "Tokens per PR"),
    ("linked", "Linked"),
)


@dataclass(frozen=True, slots=True)
class ComparePage:
    """All values that the template shows."""

    answer: Answer
    strip: list[Figure]
    trust: list[Trust]
    is_withheld: bool
    choices: list[Choice]
    columns: dict[str, Column]
    table: GroupTable
    has_before: bool
    footer: str
    facts: CompareFacts

    @property
    def export(self) -> Export:
        """All rows, which take long to write and are wanted only as a file."""
        return _export(self.facts, is_compared=self.has_before)


def build_comparison(
    view: View, facts: CompareFacts, thresholds: Thresholds, heard: Trust, not_compared: str
) -> ComparePage:
    """Build the page; `heard` opens the trust strip, `not_compared` is why no periods are compared, or empty."""
    is_compared = not not_compared
    one, _ = NAMES[facts.dimension]
    shown = shown_groups(facts)[:MOST_ROWS]
    addresses = {each.name: group_address(view, facts.dimension, each.name) for each in shown if each.name}
    columns = [(key, text or one.capitalize()) for key, text in COLUMNS]
    return ComparePage(
        answer=build_answer(view, facts, not_compared),
        strip=_strip(view, facts, is_compared=is_compared),
        trust=_trust(facts, heard),
        is_withheld=bool(facts.withheld),
        choices=comparison_choices(view, facts.dimension),
        columns=sorted_columns(view, columns, sort_of(view), DEFAULT),
        table=group_table(view, facts, addresses, is_compared=is_compared),
        has_before=is_compared,
        footer=_footer(view, facts, thresholds, is_compared=is_compared),
        facts=facts,
    )


def _strip(view: View, facts: CompareFacts, *, is_compared: bool) -> list[Figure]:
    whole, (_, many) = sum_up("All", facts.groups), NAMES[facts.dimension]
    before = f"on {view.period.before_name}" if is_compared else ""
    shown, hidden = len(shown_groups(facts)), len(facts.reasons)
    query = {"from": str(view.period.span.first), "to": str(view.period.span.last), "group_by": facts.dimension}
    if view.team and facts.dimension != "team":
        query["team"] = view.team
    if view.price != "list":
        query["cost_kind"] = view.price
    compared = f"{many.capitalize()} compared"
    lines = {
        "Total spend": [Line(change_text(whole.spent, whole.spent_before), before)],
        "Dollars per merged pull request": [Line(change_text(whole.each or 0, whole.each_before or 0), before)],
        compared: [Line("", f"{exact_text(hidden)} withheld" if hidden else "all are shown")],
    }
    figures = {
        "Total spend": (
            Shown(usd_text(whole.spent), exact=exact_usd_text(whole.spent)),
            f"/api/v1/spend?{urlencode(query)}",
        ),
        "Dollars per merged pull request": (
            _mean(whole),
            f"/api/v1/metrics/tokens-per-pr?{urlencode({**query, 'bucket': 'total'})}",
        ),
        compared: (Shown(exact_text(shown)), ""),
    }
    definitions = {
        **DEFINITIONS,
        compared: f"{many.capitalize()} that spent or merged something in one of the periods.",
    }
    basis = f"{view.period.shown}, UTC days. {view.price_name.capitalize()}."
    return [
        Figure(
            name,
            withheld(facts.withheld) if facts.withheld else value,
            definitions[name],
            basis,
            request,
            []
            if facts.withheld
            else [line for line in lines[name] if line.strong or (line.text and line.text != before)],
        )
        for name, (value, request) in figures.items()
    ]


def _mean(whole: Group) -> Shown:
    if whole.each is None:
        return nothing("no pull request was merged")
    if not whole.evidence.tokens:
        return Shown(usd_text(whole.each))
    low, high = whole.ends or (None, None)
    return figure(whole.each, low, high, whole.evidence.share, pull_requests=whole.merged.pull_requests)


def _trust(facts: CompareFacts, heard: Trust) -> list[Trust]:
    evidence = sum_up("All", facts.groups).evidence
    items = [heard]
    if evidence.tokens:
        items.append(Trust("", percent_text(evidence.share), "linked to pull requests directly"))
    if not facts.is_settled:
        items.append(Trust("", "Some days are not settled yet", "and may still change", "off"))
    return items


def _footer(view: View, facts: CompareFacts, thresholds: Thresholds, *, is_compared: bool) -> str:
    hollow = f"Hollow: {view.period.before_name}. " if is_compared else ""
    if facts.dimension == "team":
        rule = (
            f"Beside others, a team is shown from {thresholds.people} people and {thresholds.pull_requests} merged "
            "pull requests on; smaller ones only as one sum, never a single one, since the total would give it away."
        )
    else:
        rule = (
            f"Repositories of teams with fewer than {thresholds.people} people are shown only as one sum, and never a "
            "single one, since the total would give it away."
        )
    return hollow + rule


def _export(facts: CompareFacts, *, is_compared: bool) -> Export:
    earlier = ("spend_before_usd", "merged_before", "cost_per_merged_pr_before_usd") if is_compared else ()
    columns = (
        facts.dimension,
        *("spend_usd", "merged_pull_requests", "cost_per_merged_pr_usd", "low_usd", "high_usd"),
        *("tokens_per_merged_pr", "linked_share", *earlier, "withheld_reason"),
    )
    hidden = [each for each in facts.groups if each.name in facts.reasons]
    rows = [_exported(each, is_compared=is_compared) for each in shown_groups(facts)]
    if hidden:
        spent = [decimal_usd(sum(each.spent for each in hidden)), *([None] * 6)]
        then = [decimal_usd(sum(each.spent_before for each in hidden)), None, None] if is_compared else []
        reasons = "; ".join(f"{each.name}: {facts.reasons[each.name]}" for each in hidden)
        rows.append((f"{len(hidden)} more, together", *spent, *then, reasons))
    return Export(f"compare-{facts.dimension}", columns, rows)


def _exported(group: Group, *, is_compared: bool) -> tuple[object, ...]:
    def usd(value: float | None) -> str | None:
        return None if value is None else decimal_usd(round(value))

    low, high = group.ends or (None, None)
    earlier = (usd(group.spent_before), group.merged_before.pull_requests, usd(group.each_before))
    return (
        group.name or UNNAMED,
        *(usd(group.spent), group.merged.pull_requests, usd(group.each), usd(low), usd(high)),
        None if group.tokens_each is None else round(group.tokens_each),
        round(group.evidence.share, 4) if group.evidence.tokens else None,
        *(earlier if is_compared else ()),
        None,
    )
