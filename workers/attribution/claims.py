"""Claims: which pull requests take part in the cells of an hour, by their activity in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.attribution.apportion import Whole
from workers.attribution.cells import Cells
from workers.attribution.kernels.kernel import Activity, Kernel, Lives
from workers.attribution.kernels.summed_kernel import SummedKernel
from workers.attribution.model import PullRequest
from workers.attribution.window_columns import HOUR, HOURS_A_DAY


@dataclass(frozen=True, slots=True, eq=False)
class Claims:
    """Activity in ascending order of hour and pull request, and the cells it claims.

    Each claim pairs an activity entry, `entry` (claims,), with a cell, `cell` (claims,), both as indexes. Claims are in
    ascending order of hour and pull request, too.
    """

    activity: Activity
    entry: Whole
    cell: Whole


def lives_of(pull_requests: Sequence[PullRequest]) -> Lives:
    """Return the lives of pull requests as arrays, in the given order."""
    opened = np.array([each.opened_at.timestamp() for each in pull_requests], dtype=np.float64)
    ended = np.array([np.inf if each.ended_at is None else each.ended_at.timestamp() for each in pull_requests])
    # The end is not activity, but a merge is reported as both.
    instants = [[instant for instant in each.activity if instant != each.ended_at] for each in pull_requests]
    counts = np.array([len(each) for each in instants], dtype=np.int64)
    everyone = np.arange(len(pull_requests))
    of = np.concatenate([everyone, np.repeat(everyone, counts)])
    activity = np.concatenate([opened, [instant.timestamp() for each in instants for instant in each]])
    of, activity = np.unique(np.stack([of, activity]), axis=1)
    return Lives(opened / HOUR, ended / HOUR, of.astype(np.int64), activity / HOUR)


def claims_between(
    first: int,
    last: int,
    *,
    lives: Lives,
    members: NDArray[np.bool_],
    cells: Cells,
    kernel: Kernel | SummedKernel,
    spreads_days: bool = False,
) -> Claims:
    """Return the claims on cells in the hours from `first` up to but not including `last`.

    With `spreads_days`, activity in any hour of a day claims a cell that holds the sum of that day.
    `members` (pools, pull requests) marks the pull requests of each pool. Time and memory grow with the number of pairs
    of a pull request and an hour in which it was active.
    """
    activity = by_hour(kernel.activity_in(lives, first, last))
    return claims_of(activity, first, last, members=members, cells=cells, spreads_days=spreads_days)


def claims_of(
    activity: Activity, first: int, last: int, *, members: NDArray[np.bool_], cells: Cells, spreads_days: bool
) -> Claims:
    """Return the claims of this activity, by hour and pull request, as `claims_between` does."""
    member, pool = np.nonzero(members.T)
    memberships = np.bincount(member, minlength=members.shape[1])
    cell_at = np.full((last - first, len(members)), -1)
    within = np.flatnonzero((cells.hour >= first) & (cells.hour < last))
    cell_at[cells.hour[within] - first, cells.pool[within]] = within
    if spreads_days:
        whole = within[cells.by_day[within]]
        begins = cells.hour[whole] - first
        for hour in range(1, HOURS_A_DAY):
            inside = begins + hour < last - first
            cell_at[begins[inside] + hour, cells.pool[whole][inside]] = whole[inside]

    count = memberships[activity.pull_request]
    entry = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(entry)) - np.repeat(np.cumsum(count) - count, count)
    which = (np.cumsum(memberships) - memberships)[activity.pull_request[entry]] + nth
    cell = cell_at[activity.hour[entry] - first, pool[which]]
    return Claims(activity, entry[cell >= 0], cell[cell >= 0])


def by_hour(activity: Activity) -> Activity:
    """Return activity in ascending order of hour and pull request."""
    order = np.argsort(activity.hour, kind="stable")
    return Activity(activity.pull_request[order], activity.hour[order], activity.weight[order])
