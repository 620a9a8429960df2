"""The table of a comparison: a row for each group, the withheld ones as one, and all. Pure."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from service.dashboard.charts.ranges import Range, range_column
from service.dashboard.charts.trends import trend_column
from service.dashboard.compare.facts import MOST_ROWS, CompareFacts, Group, sum_up
from service.dashboard.numbers.sureness import Shown, Sureness, figure, interval_text, nothing
from service.dashboard.numbers.units import NOTHING, count_text, exact_text, percent_text, usd_text, usd_texts
from service.dashboard.view.view import View, path_text
from service.queries.teams.comparisons import WOULD_REVEAL
from vocabulary.intervals import RELIABLE_SHARE

MOST_NAMES = 4
UNNAMED = "no repository"
UNLABELLED = re.compile("a1_[0-9a-f]{64}")
LONGEST_ID = 11


class GroupRow(NamedTuple):
    """One group. `address` is its own page."""

    name: str
    address: str
    note: str
    spend: str
    merged: str
    each: Shown
    interval: str
    range: Range | None
    before: str
    tokens: str
    trend: str
    shipped: str
    linked: str
    is_doubtful: bool
    is_chosen: bool


class Together(NamedTuple):
    """The withheld groups as one sum."""

    name: str
    spend: str
    reason: str


class GroupTable(NamedTuple):
    """All rows; `scale` is the axis of the trends, `more` how many groups are only in the files."""

    rows: list[GroupRow]
    together: Together | None
    whole: GroupRow
    ends: tuple[str, str, str]
    scale: str
    more: int

    @property
    def is_known(self) -> bool:
        """Whether there is a row to show."""
        return bool(self.rows or self.together)


def short_name(name: str) -> str:
    """Return a name as it is shown: of a repository without a label, the beginning of its id."""
    return f"{name[:LONGEST_ID]}…" if UNLABELLED.fullmatch(name) else name or UNNAMED


def shown_groups(facts: CompareFacts) -> list[Group]:
    """Return the groups that are not withheld."""
    return [each for each in facts.groups if each.name not in facts.reasons]


def group_table(view: View, facts: CompareFacts, addresses: Mapping[str, str], *, is_compared: bool) -> GroupTable:
    """Return the table; `addresses` is the page of each group by its name."""
    known = shown_groups(facts)
    whole = sum_up("All", facts.groups)
    chosen = view.team if facts.dimension == "team" else ""
    groups = [*known[:MOST_ROWS], whole]
    column = range_column(
        [_ends(each) for each in groups], "usd", [each.each_before if is_compared else None for each in groups]
    )
    trends = trend_column([each.weeks for each in groups], "usd")
    spends = usd_texts([each.spent for each in groups])
    rows = [
        _row(each, spends[place], column.ranges[place], trends.paths[place], addresses, chosen, is_compared=is_compared)
        for place, each in enumerate(groups)
    ]
    *rows, last = rows
    if facts.fated.spent:
        last = last._replace(shipped=percent_text(facts.fated.shipped / facts.fated.spent))
    more = max(0, len(known) - MOST_ROWS)
    return GroupTable(rows, together(facts), last, column.ends, trends.scale, more)


def together(facts: CompareFacts) -> Together | None:
    """Return the withheld groups as one row; there are never fewer than two."""
    hidden = sorted((each for each in facts.groups if each.name in facts.reasons), key=lambda each: each.name)
    if not hidden:
        return None
    named = [f"{short_name(each.name)} ({_short(facts.reasons[each.name])})" for each in hidden]
    listed = ", ".join(named[:MOST_NAMES])
    if len(named) > MOST_NAMES:
        listed = f"{listed} and {len(named) - MOST_NAMES} more"
    return Together(
        f"{exact_text(len(hidden))} more, together",
        usd_text(sum(each.spent for each in hidden)),
        f"Withheld one by one: {listed}",
    )


def group_address(view: View, dimension: str, name: str) -> str:
    """Return the page of a group."""
    if dimension == "team":
        return view.at(f"/teams/{path_text(name)}", team="", sort="", q="")
    return view.carry("/spend", repository=name)


def _row(
    group: Group,
    spend: str,
    range_: Range | None,
    trend: str,
    addresses: Mapping[str, str],
    chosen: str,
    *,
    is_compared: bool,
) -> GroupRow:
    share = group.evidence.share if group.evidence.tokens else None
    before = group.each_before if is_compared else None
    shipped = percent_text(group.shipped / group.spent) if group.shipped is not None and group.spent else NOTHING
    return GroupRow(
        short_name(group.name),
        addresses.get(group.name, ""),
        f"{group.people} people" if group.people else group.team,
        spend,
        exact_text(group.merged.pull_requests),
        _each(group),
        interval_text(*group.ends, usd_text) if group.ends and is_sure(group) else "",
        range_,
        NOTHING if before is None else usd_text(before),
        NOTHING if group.tokens_each is None else count_text(group.tokens_each),
        trend,
        shipped,
        NOTHING if share is None else percent_text(share),
        share is not None and share < RELIABLE_SHARE,
        bool(chosen) and group.name == chosen,
    )


def _each(group: Group) -> Shown:
    if group.each is None:
        return nothing("nothing merged")
    low, high = group.ends or (None, None)
    if not group.evidence.tokens:
        return Shown(usd_text(group.each))
    return figure(group.each, low, high, group.evidence.share, pull_requests=group.merged.pull_requests)


def is_sure(group: Group) -> bool:
    """Return whether the cost of its pull requests is a figure, not only an estimate."""
    return _each(group).sureness is not Sureness.UNSURE


def _ends(group: Group) -> tuple[float, float, float | None] | None:
    if group.each is None:
        return None
    if group.ends is None:
        return group.each, group.each, group.each
    return *group.ends, group.each if is_sure(group) else None


def _short(reason: str) -> str:
    """Return a reason beside a name: `fewer than 5 people`."""
    if reason == WOULD_REVEAL:
        return "the next smallest"
    return reason.removeprefix("the team has ").removeprefix("the team merged ").removesuffix(" in this period")
