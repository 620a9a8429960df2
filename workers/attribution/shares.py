"""Shares: in which proportions the tokens of a cell are split over pull requests and overhead."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.attribution.apportion import Whole
from workers.attribution.blocks import Block
from workers.attribution.cells import Cells
from workers.attribution.claims import Claims, claims_between
from workers.attribution.fit import Linked, Pooled, Prior, fit
from workers.attribution.kernel import Activity, Lives
from workers.attribution.methods import Method
from workers.attribution.window_columns import HOURS_A_DAY

Real = NDArray[np.float64]

# What the weights of a cell's shares add up to, but for their own rounding.
RESOLUTION = 1 << 30
# Activity is computed for a quarter at once: little enough for the memory, long beside the margins.
HOURS_AT_ONCE = 13 * 7 * HOURS_A_DAY


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """In ascending order of cell and artifact: whole weights (shares,) of artifacts (shares,) in cells (shares,).

    An artifact is the place of its id, 0 for overhead, and a pull request's index plus 1.
    """

    cell: Whole
    artifact: Whole
    weight: Whole


class Work(NamedTuple):
    """All that the shares of a team depend on; `members` (pools, pull requests) says who takes part in which pool."""

    lives: Lives
    members: NDArray[np.bool_]
    cells: Cells
    linked: Linked


class _Weighed(NamedTuple):
    """What claims weigh that are neither negligible nor of another block's hours."""

    cell: Whole
    pull_request: Whole
    weight: Real


def shares_of(work: Work, written: Whole, blocks: Iterable[Block], exploratory_share: float, method: Method) -> Shares:
    """The shares of the cells whose places are `written`, which lie within the blocks.

    The exploratory share, 0 to 1, is overhead; the rest goes to pull requests in proportion to their weights. A cell
    that no pull request claims is overhead.
    """
    parts = [weighed for batch in _batches(blocks) for weighed in _weigh_all(work, batch, method)]
    cell, pull_request, weight = (np.concatenate(column) for column in zip(_NOTHING, *parts, strict=True))
    wanted = np.zeros(len(work.cells), dtype=bool)
    wanted[written] = True
    cell, pull_request, weight = (column[wanted[cell]] for column in (cell, pull_request, weight))
    total = np.bincount(cell, weight, len(work.cells))
    explored = min(max(exploratory_share, 0.0), 1.0)
    whole = np.rint(weight / total[cell] * (1 - explored) * RESOLUTION).astype(np.int64)
    overhead = np.where(total[written] > 0, np.rint(explored * RESOLUTION), RESOLUTION).astype(np.int64)

    cell = np.concatenate([written, cell])
    artifact = np.concatenate([np.zeros_like(written), pull_request + 1])
    order = np.lexsort((artifact, cell))
    return Shares(cell[order], artifact[order], np.concatenate([overhead, whole])[order])


_NOTHING = _Weighed(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


def _batches(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Blocks that are close to each other, together."""
    batch: list[Block] = []
    for block in blocks:
        if batch and block.last - batch[0].first > HOURS_AT_ONCE:
            yield batch
            batch = []
        batch.append(block)
    if batch:
        yield batch


def _weigh_all(work: Work, blocks: list[Block], method: Method) -> Iterator[_Weighed]:
    first, last = blocks[0].fit_first, blocks[-1].fit_last
    claims = claims_between(first, last, lives=work.lives, members=work.members, cells=work.cells, kernel=method.kernel)
    for block in blocks:
        yield _weigh(work, claims, block, method)


def _weigh(work: Work, claims: Claims, block: Block, method: Method) -> _Weighed:
    """What the block's claims weigh, without those that are negligible beside the strongest of their cell."""
    hour = claims.activity.hour[claims.entry]
    fitted_on = _between(hour, block.fit_first, block.fit_last)
    if method.prior is None or fitted_on.start == fitted_on.stop:
        weight = claims.activity.weight[claims.entry[fitted_on]]
    else:
        weight = _fit(work, claims, fitted_on, block, method.prior)
    mine = _between(hour[fitted_on], block.first, block.last)
    weight, cell = weight[mine], claims.cell[fitted_on][mine]
    strongest = np.zeros(len(work.cells))
    np.maximum.at(strongest, cell, weight)
    kept = (weight > 0) & (weight >= method.negligible * strongest[cell])
    owner = claims.activity.pull_request[claims.entry[fitted_on][mine]]
    return _Weighed(cell[kept], owner[kept], weight[kept])


def _fit(work: Work, claims: Claims, fitted_on: slice, block: Block, prior: Prior) -> Real:
    """Weights of the claims that the block is fitted on, from what lies within its margins and from nothing else."""
    activity, cells, linked = claims.activity, work.cells, work.linked
    entries = _between(activity.hour, block.fit_first, block.fit_last)
    held = _between(cells.hour, block.fit_first, block.fit_last)
    links = _between(linked.hour, block.fit_first, block.fit_last)
    concerned = np.zeros(len(work.lives.opened), dtype=bool)
    concerned[activity.pull_request[entries]] = True
    concerned[linked.pull_request[links]] = True
    place = np.cumsum(concerned) - 1
    return fit(
        Activity(place[activity.pull_request[entries]], activity.hour[entries], activity.weight[entries]),
        Pooled(cells.tokens[held], claims.entry[fitted_on] - entries.start, claims.cell[fitted_on] - held.start),
        Linked(place[linked.pull_request[links]], linked.hour[links], linked.tokens[links]),
        int(concerned.sum()),
        prior,
    )


def _between(hours: Whole, first: int, last: int) -> slice:
    """Where ascending hours are from `first` up to and without `last`."""
    start, stop = np.searchsorted(hours, (first, last)).tolist()
    return slice(start, stop)
