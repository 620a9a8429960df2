"""Pull requests in a table: what each cost, how sure that is, and how it was linked. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from service.contracts.attribution import AttributionShown
from service.dashboard.charts.bars import Segment
from service.dashboard.charts.ranges import Range, range_column
from service.dashboard.components.costs import cost_shown, direct_share, ends_of, evidence_bar, name_of, tokens_shown
from service.dashboard.numbers.days import day_text
from service.dashboard.numbers.sureness import Shown
from service.dashboard.numbers.units import percent_text
from service.dashboard.view.view import View
from vocabulary.intervals import RELIABLE_SHARE


class PullRequestRow(NamedTuple):
    """One pull request; `note` is what is special about it."""

    name: str
    address: str
    team: str
    note: str
    cost: Shown
    tokens: Shown
    range: Range | None
    evidence: list[Segment]
    evidence_text: str
    merged: str


class PullRequestTable(NamedTuple):
    """Rows whose ranges share one scale, of which `ends` are the three texts."""

    rows: list[PullRequestRow]
    ends: tuple[str, str, str]
    has_estimates: bool


def pull_request_table(view: View, shown: Sequence[AttributionShown]) -> PullRequestTable:
    """Return the table of pull requests, in their order."""
    ends = [ends_of(each) for each in shown]
    column = range_column([None if each.high is None else (each.low, each.high, each.point) for each in ends], "usd")
    rows = [_row(view, each, place) for each, place in zip(shown, column.ranges, strict=True)]
    has_estimates = any(each.tokens.total and direct_share(each) < RELIABLE_SHARE for each in shown)
    return PullRequestTable(rows, column.ends, has_estimates)


def _row(view: View, each: AttributionShown, place: Range | None) -> PullRequestRow:
    notes = {"bot": each.bot, "reverted": each.outcomes.reverted_at is not None}
    return PullRequestRow(
        name_of(each.label, each.artifact_id),
        view.lead(f"/pull-requests/{each.artifact_id}"),
        each.team,
        ", ".join(name for name, holds in notes.items() if holds),
        cost_shown(each),
        tokens_shown(each),
        place,
        evidence_bar(each),
        f"{percent_text(direct_share(each))} linked directly",
        day_text(each.merged_at.date()) if each.merged_at else "",
    )
