"""Pairs the reports that have exactly one possible counterpart, as columns.

Nearly all requests of two layers are such pairs. `find_copies` pairs them in the same way, but needs 20 times as long,
because each report is an object there.
"""

from typing import NamedTuple, TypeAlias

import numpy as np

from workers.layers.pairing import MICROSECOND
from workers.layers.reports import FAR, LARGE, NEAR

Column: TypeAlias = "np.ndarray"

PAIR_SIZE = 2


class ReportColumns(NamedTuple):
    """Reports as columns of equal length (reports,).

    `occurred_at` counts microseconds. `request` is 0 without an id. A report of lower `rank` counts before others, and
    equal ranks report different requests. `model` is negative if unknown to the caller, `family` 0 if it has none.
    """

    occurred_at: Column
    input: Column
    output: Column
    request: Column
    rank: Column
    model: Column
    family: Column
    is_new: Column

    def take(self, places: Column) -> "ReportColumns":
        """Return the reports at these places."""
        return ReportColumns(*(column[places] for column in self))


class ClearPairs(NamedTuple):
    """Places of copies and of the reports that count instead (pairs,), and whether each report is unclear (reports,).

    Unclear reports, and those connected with them, must be paired by `find_copies`. Others are no copies.
    """

    copies: Column
    counted: Column
    is_unclear: Column


def find_clear_pairs(reports: ReportColumns, *, again: bool = False) -> ClearPairs:
    """Pair new reports that are clear; with `again` none is, not even within one rank."""
    order = np.lexsort((reports.occurred_at, reports.output, reports.input))
    ordered = reports.take(order)
    groups = _Groups(ordered, _begins_group(ordered))
    entangled, is_unclear = _shared_requests(ordered, groups.of_report, again=again)
    is_open = groups.is_open(again=again)
    is_pair = is_open & (groups.sizes == PAIR_SIZE) & ~groups.any_of(entangled | (ordered.model < 0)) & (not again)
    is_unclear |= np.repeat(is_open & ~is_pair, groups.sizes)
    copies, counted = _match(ordered, groups.starts[is_pair])
    return ClearPairs(order[copies], order[counted], is_unclear[np.argsort(order)])


class _Groups:
    """Ordered reports in groups; `starts` are the places of the first reports (groups,)."""

    def __init__(self, ordered: ReportColumns, begins: Column) -> None:
        self._ordered = ordered
        self.starts = np.flatnonzero(begins)
        self.sizes = np.diff(self.starts, append=len(begins))
        self.of_report = np.cumsum(begins) - 1

    def any_of(self, is_so: Column) -> Column:
        return np.logical_or.reduceat(is_so, self.starts)

    def is_open(self, *, again: bool) -> Column:
        """Whether groups (groups,) have new reports, and may have copies."""
        rank = self._ordered.rank
        several = np.minimum.reduceat(rank, self.starts) < np.maximum.reduceat(rank, self.starts)
        return self.any_of(self._ordered.is_new) & (self.sizes > 1) & (several | again)


def _begins_group(ordered: ReportColumns) -> Column:
    """Return whether each report is not a neighbour of the one before it: of equal counts, and near in time."""
    follows = (
        (np.diff(ordered.input) == 0)
        & (np.diff(ordered.output) == 0)
        & (np.diff(ordered.occurred_at) <= FAR // MICROSECOND)
        & (ordered.input + ordered.output > 0)[1:]
    )
    return np.concatenate(([True], ~follows))


def _shared_requests(ordered: ReportColumns, group: Column, *, again: bool) -> tuple[Column, Column]:
    """Return which reports share their id beyond one group of two, and which of these may have copies (reports,)."""
    entangled, is_unclear = np.zeros((2, len(group)), dtype=bool)
    places = np.flatnonzero(ordered.request)
    if len(places):
        places = places[np.argsort(ordered.request[places], kind="stable")]
        named = ordered.take(places)
        ids = _Groups(named, np.concatenate(([True], np.diff(named.request) != 0)))
        groups = group[places]
        is_apart = np.minimum.reduceat(groups, ids.starts) < np.maximum.reduceat(groups, ids.starts)
        is_entangled = is_apart | (ids.sizes > PAIR_SIZE)
        entangled[places] = np.repeat(is_entangled, ids.sizes)
        is_unclear[places] = np.repeat(is_entangled & ids.is_open(again=again), ids.sizes)
    return entangled, is_unclear


def _match(ordered: ReportColumns, starts: Column) -> tuple[Column, Column]:
    """Return the copies and counted reports of the pairs that match; each begins at a start."""
    one, other = ordered.take(starts), ordered.take(starts + 1)
    may_be_one = (one.family == other.family) | (one.family == 0) | (other.family == 0)
    is_near = (one.model == other.model) & (other.occurred_at - one.occurred_at <= NEAR // MICROSECOND)
    has_id = (one.request == other.request) & (one.request != 0)
    matches = may_be_one & ((one.input + one.output >= LARGE) | has_id | is_near)
    is_first_counted = (one.rank < other.rank)[matches]
    starts = starts[matches]
    return starts + is_first_counted, starts + ~is_first_counted
