"""The lists of the overview: parts of the whole, alerts, the dearest pull requests, releases. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from service.contracts.attribution import AttributionShown
from service.dashboard.charts.bars import Segment, whole_bar
from service.dashboard.charts.ranges import Range, range_column
from service.dashboard.components.fates import FATE_NAMES, FATES
from service.dashboard.numbers.days import day_text
from service.dashboard.numbers.sureness import Shown, figure
from service.dashboard.numbers.units import count_text, percent_text, points_text, shares, usd_texts
from service.dashboard.overview.facts import ReleaseFacts
from service.dashboard.overview.sums import Sums
from vocabulary.intervals import RELIABLE_SHARE
from vocabulary.tokens import nano_usd

EVIDENCE = ("artifact", "commit", "branch", "repository", "cohort")
DIRECT = EVIDENCE[:3]
SHOWN = 5


class Part(NamedTuple):
    """A part of all spend."""

    kind: str
    name: str
    description: str
    share: str
    amount: str
    change: str


class AlertLine(NamedTuple):
    """An open alert, and the page that shows its spend."""

    sentence: str
    link: str
    detail: str


class Dearest(NamedTuple):
    """One pull request: what it cost, how sure that is, and how it was linked."""

    name: str
    address: str
    team: str
    cost: Shown
    tokens: str
    range: Range | None
    evidence: list[Segment]
    evidence_text: str
    merged: str


class DearestList(NamedTuple):
    """The dearest pull requests, and the three texts of the scale."""

    rows: list[Dearest]
    ends: tuple[str, str, str]
    has_estimates: bool


class Release(NamedTuple):
    """One release."""

    name: str
    address: str
    note: str
    cost: str
    pull_requests: str
    each: str


def parts_of(sums: Sums) -> list[Part]:
    """Return what became of all spend."""
    amounts = usd_texts([sums.by_fate[fate] for fate in FATES])
    percents = shares([sums.by_fate[fate] for fate in FATES])
    before = shares([sums.by_fate_before[fate] for fate in FATES])
    return [
        Part(
            fate.replace("_", "-"),
            *FATE_NAMES[fate],
            percent_text(percents[place], 1),
            amounts[place],
            points_text(percents[place], before[place]) if sums.is_compared and sums.nano_usd_before else "",
        )
        for place, fate in enumerate(FATES)
    ]


def whole_of(sums: Sums) -> list[Segment]:
    """Return the bar of all spend."""
    return whole_bar({fate.replace("_", "-"): sums.by_fate[fate] for fate in FATES})


def alert_lines(rows: Sequence[Mapping[str, Any]]) -> list[AlertLine]:
    """Return the open alerts, newest first."""
    lines = []
    for row in rows:
        first, stop, rest = (row["sentence"] or row["subject"]).partition(". ")
        since = f"Since {day_text(row['began_on'])}."
        lines.append(AlertLine(f"{first}{stop.strip()}", row["link"], f"{since} {rest}".strip()))
    return lines


def dearest_list(shown: Sequence[AttributionShown]) -> DearestList:
    """Return the dearest by the low end of their interval: what each cost at least."""
    costs = sorted(((_ends(each), each) for each in shown), key=lambda pair: -pair[0][0])[:SHOWN]
    column = range_column([ends for ends, _ in costs], "usd")
    rows: list[Dearest] = []
    for (low, high, _), each in costs:
        direct = _direct(each)
        tokens = {kind: round(getattr(each.evidence, kind) * each.tokens.total) for kind in EVIDENCE}
        has_interval = each.interval is not None
        rows.append(
            Dearest(
                each.label or f"{each.artifact_id[:11]}…",
                f"/pull-requests/{each.artifact_id}",
                each.team,
                figure(_nano(each), low if has_interval else None, high if has_interval else None, direct),
                count_text(each.tokens.total),
                column.ranges[len(rows)],
                whole_bar(tokens),
                f"{percent_text(direct)} linked directly",
                day_text(each.merged_at.date()) if each.merged_at else "",
            )
        )
    return DearestList(rows, column.ends, any(_direct(each) < RELIABLE_SHARE for _, each in costs))


def release_list(releases: Sequence[ReleaseFacts]) -> list[Release]:
    """Return the newest releases."""
    costs = usd_texts([each.nano_usd for each in releases])
    return [
        Release(
            each.label,
            f"/releases/{each.artifact_id}",
            day_text(each.released_at.date()) + (f" · {each.reverted} reverted" if each.reverted else ""),
            cost,
            count_text(each.pull_requests),
            f"{usd_texts([each.nano_usd / each.pull_requests])[0]} each" if each.pull_requests else "",
        )
        for each, cost in zip(releases, costs, strict=True)
    ]


def _nano(each: AttributionShown) -> int:
    return nano_usd(Decimal(each.cost_usd))


def _direct(each: AttributionShown) -> float:
    return float(sum(getattr(each.evidence, kind) for kind in DIRECT))


def _ends(each: AttributionShown) -> tuple[float, float, float | None]:
    """Return the interval in nano-USD, and the point unless the figure is only an estimate."""
    cost = _nano(each)
    point = cost if _direct(each) >= RELIABLE_SHARE else None
    if each.interval is None or not each.tokens.total:
        return cost, cost, cost
    return cost * each.interval.low / each.tokens.total, cost * each.interval.high / each.tokens.total, point
