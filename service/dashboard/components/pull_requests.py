"""Pull requests in a table: what each cost, how sure that is, and how it was linked. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from service.contracts.attribution import AttributionShown
from service.dashboard.charts.bars import Segment, whole_bar
from service.dashboard.charts.ranges import Range, range_column
from service.dashboard.numbers.days import day_text
from service.dashboard.numbers.sureness import Shown, figure, nothing
from service.dashboard.numbers.units import count_text, percent_text
from service.dashboard.view.view import View
from vocabulary.intervals import RELIABLE_SHARE
from vocabulary.tokens import nano_usd

EVIDENCE: Final = ("artifact", "commit", "branch", "repository", "cohort")
DIRECT: Final = EVIDENCE[:3]
SHORT_ID: Final = 11


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


class Ends(NamedTuple):
    """What a pull request cost at least and at most, and in one figure, in nano-USD; None if unknown."""

    low: float
    high: float | None
    point: float | None


def pull_request_table(view: View, shown: Sequence[AttributionShown]) -> PullRequestTable:
    """Return the table of pull requests, in their order."""
    ends = [ends_of(each) for each in shown]
    column = range_column([None if each.high is None else (each.low, each.high, each.point) for each in ends], "usd")
    rows = [_row(view, each, place) for each, place in zip(shown, column.ranges, strict=True)]
    has_estimates = any(each.tokens.total and direct_share(each) < RELIABLE_SHARE for each in shown)
    return PullRequestTable(rows, column.ends, has_estimates)


def ends_of(each: AttributionShown) -> Ends:
    """Return the ends of a pull request's interval; without one, it cost at least what is linked to it."""
    cost, direct = nano_of(each), direct_share(each)
    if not each.tokens.total:
        return Ends(cost, None, None)
    if each.interval is None:
        return Ends(cost * direct, cost if direct == 1 else None, cost if direct == 1 else None)
    low, high = (cost * end / each.tokens.total for end in (each.interval.low, each.interval.high))
    return Ends(low, high, cost if direct >= RELIABLE_SHARE else None)


def nano_of(each: AttributionShown) -> int:
    """Return the cost in nano-USD."""
    return nano_usd(Decimal(each.cost_usd))


def direct_share(each: AttributionShown) -> float:
    """Return the share of the tokens that is linked directly."""
    # Shares are fractions, whose sum may miss 1 by their rounding.
    return round(float(sum(getattr(each.evidence, kind) for kind in DIRECT)), 9)


def evidence_bar(each: AttributionShown) -> list[Segment]:
    """Return the bar of how the tokens were linked."""
    return whole_bar({kind: round(getattr(each.evidence, kind) * each.tokens.total) for kind in EVIDENCE})


def name_of(label: str | None, artifact_id: str) -> str:
    """Return the label, or the beginning of the id where labels are off."""
    return label or f"{artifact_id[:SHORT_ID]}…"


def cost_shown(each: AttributionShown) -> Shown:
    """Return the cost as sure as it is."""
    ends = ends_of(each)
    if not each.tokens.total and not ends.low:
        return nothing("no tokens are attributed to it")
    low, high = (None, None) if each.interval is None else (ends.low, ends.high)
    return figure(nano_of(each), low, high, direct_share(each))


def tokens_shown(each: AttributionShown) -> Shown:
    """Return the tokens as sure as they are."""
    if not each.tokens.total:
        return nothing("no tokens are attributed to it")
    low, high = (None, None) if each.interval is None else (each.interval.low, each.interval.high)
    return figure(each.tokens.total, low, high, direct_share(each), count_text)


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
