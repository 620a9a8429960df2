"""The lists of the overview: parts of the whole, alerts, the dearest pull requests, releases. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from service.contracts.attribution import AttributionShown
from service.dashboard.charts.bars import Segment, whole_bar
from service.dashboard.components.costs import ends_of
from service.dashboard.components.fates import FATE_NAMES, FATES
from service.dashboard.components.pull_requests import PullRequestTable, pull_request_table
from service.dashboard.numbers.days import day_text
from service.dashboard.numbers.units import count_text, percent_text, points_text, shares, usd_texts
from service.dashboard.overview.facts import ReleaseFacts
from service.dashboard.overview.sums import Sums
from service.dashboard.view.view import View

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
    """An open alert, and its page."""

    sentence: str
    link: str
    detail: str


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
        lines.append(AlertLine(f"{first}{stop.strip()}", f"/alerts/{row['alert_id']}", f"{since} {rest}".strip()))
    return lines


def dearest_list(view: View, shown: Sequence[AttributionShown]) -> PullRequestTable:
    """Return the dearest by the low end of their interval: what each cost at least."""
    return pull_request_table(view, sorted(shown, key=lambda each: -ends_of(each).low)[:SHOWN])


def release_list(view: View, releases: Sequence[ReleaseFacts]) -> list[Release]:
    """Return the newest releases."""
    costs = usd_texts([each.nano_usd for each in releases])
    return [
        Release(
            each.label,
            view.lead(f"/releases/{each.artifact_id}"),
            day_text(each.released_at.date()) + (f" · {each.reverted} reverted" if each.reverted else ""),
            cost,
            count_text(each.pull_requests),
            f"{usd_texts([each.nano_usd / each.pull_requests])[0]} each" if each.pull_requests else "",
        )
        for each, cost in zip(releases, costs, strict=True)
    ]
