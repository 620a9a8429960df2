"""Shares: the proportions in which a cell's tokens are split over pull requests and overhead."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.attribution.apportion import Whole
from workers.attribution.blocks import Block
from workers.attribution.cells import Cells
from workers.attribution.claims import Claims, claims_between
from workers.attribution.fit import Linked, Pooled, Weights, fit, unfitted
from workers.attribution.kernel import Activity, Lives
from workers.attribution.methods import Method
from workers.attribution.overhead import exploratory_share
from workers.attribution.window_columns import HOURS_A_DAY

Real = NDArray[np.float64]

# What the weights of a cell's shares sum to, apart from rounding.
RESOLUTION = 1 << 30
# Activity is computed for a quarter at once: small enough for memory, long compared with the margins.
HOURS_AT_ONCE = 13 * 7 * HOURS_A_DAY


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Integer weights (shares,) of artifacts (shares,) in cells (shares,), in ascending order of cell and artifact.

    An artifact is the index of its id: 0 for overhead, else a pull request's index plus 1.
    """

    cell: Whole
    artifact: Whole
    weight: Whole


class Explored(NamedTuple):
    """Tokens (windows,) known to be exploration, and their hours (windows,) in ascending order."""

    hour: Whole
    tokens: Real


class Work(NamedTuple):
    """Everything a team's shares depend on; `members` (pools, pull requests) marks the pull requests of each pool."""

    lives: Lives
    members: NDArray[np.bool_]
    cells: Cells
    linked: Linked
    explored: Explored


class _Weighed(NamedTuple):
    """The parts of cells (0 to 1) of claims that are neither negligible nor in another block's hours."""

    cell: Whole
    pull_request: Whole
    part: Real


def shares_of(work: Work, written: Whole, blocks: Iterable[Block], assumed_share: float, method: Method) -> Shares:
    """Return the shares of the cells with indexes `written`, which lie within the blocks.

    The exploratory share is overhead: the assumed one (0 to 1), unless a fitted method estimates it from linked
    sessions. The rest goes to pull requests in proportion to their weights. A cell without claims is overhead.
    """
    assumed = min(max(assumed_share, 0.0), 1.0)
    parts = [weighed for batch in _batches(blocks) for weighed in _weigh_all(work, batch, assumed, method)]
    cell, pull_request, part = (np.concatenate(column) for column in zip(_NOTHING, *parts, strict=True))
    wanted = np.zeros(len(work.cells), dtype=bool)
    wanted[written] = True
    cell, pull_request, part = (column[wanted[cell]] for column in (cell, pull_request, part))
    claimed = np.bincount(cell, part, len(work.cells))
    whole = np.rint(part * RESOLUTION).astype(np.int64)
    overhead = np.rint((1 - claimed[written]) * RESOLUTION).astype(np.int64)

    cell = np.concatenate([written, cell])
    artifact = np.concatenate([np.zeros_like(written), pull_request + 1])
    order = np.lexsort((artifact, cell))
    return Shares(cell[order], artifact[order], np.concatenate([overhead, whole])[order])


_NOTHING = _Weighed(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


def _batches(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Group blocks that are close to each other."""
    batch: list[Block] = []
    for block in blocks:
        if batch and block.last - batch[0].first > HOURS_AT_ONCE:
            yield batch
            batch = []
        batch.append(block)
    if batch:
        yield batch


def _weigh_all(work: Work, blocks: list[Block], assumed_share: float, method: Method) -> Iterator[_Weighed]:
    first, last = blocks[0].fit_first, blocks[-1].fit_last
    claims = claims_between(first, last, lives=work.lives, members=work.members, cells=work.cells, kernel=method.kernel)
    for block in blocks:
        yield _weigh(work, claims, block, assumed_share, method)


def _weigh(work: Work, claims: Claims, block: Block, assumed_share: float, method: Method) -> _Weighed:
    """Return the parts of the block's cells, without claims that are negligible in their cell."""
    hour = claims.activity.hour[claims.entry]
    fitted_on = _between(hour, block.fit_first, block.fit_last)
    own_cells = _between(work.cells.hour, block.fit_first, block.fit_last)
    weights = _weights(work, claims, fitted_on, own_cells, block, assumed_share, method)
    cell, weight = claims.cell[fitted_on] - own_cells.start, weights.claims
    owner = claims.activity.pull_request[claims.entry[fitted_on]]
    strongest = np.zeros(own_cells.stop - own_cells.start)
    np.maximum.at(strongest, cell, weight)
    kept = (weight > 0) & (weight >= method.negligible * strongest[cell])
    kept[: np.searchsorted(hour[fitted_on], block.first)] = False
    kept[np.searchsorted(hour[fitted_on], block.last) :] = False
    cell, owner, weight = cell[kept], owner[kept], weight[kept]
    total = np.bincount(cell, weight, len(strongest))
    return _Weighed(cell + own_cells.start, owner, weight / total[cell] * (1 - weights.overhead[cell]))


def _weights(
    work: Work,
    claims: Claims,
    fitted_on: slice,
    own_cells: slice,
    block: Block,
    assumed_share: float,
    method: Method,
) -> Weights:
    """Return weights of the claims that the block is fitted on, from its span and margins only."""
    activity, linked = claims.activity, work.linked
    entries = _between(activity.hour, block.fit_first, block.fit_last)
    links = _between(linked.hour, block.fit_first, block.fit_last)
    involved = np.zeros(len(work.lives.opened), dtype=bool)
    involved[activity.pull_request[entries]] = True
    involved[linked.pull_request[links]] = True
    place = np.cumsum(involved) - 1
    active = Activity(place[activity.pull_request[entries]], activity.hour[entries], activity.weight[entries])
    pooled = Pooled(
        work.cells.tokens[own_cells], claims.entry[fitted_on] - entries.start, claims.cell[fitted_on] - own_cells.start
    )
    if method.prior is None:
        return unfitted(active, pooled, assumed_share)
    known = Linked(place[linked.pull_request[links]], linked.hour[links], linked.tokens[links])
    calibrated = _calibrated(known, work.explored, block, assumed_share)
    return fit(active, pooled, known, int(involved.sum()), calibrated, method.prior)


def _calibrated(linked: Linked, explored: Explored, block: Block, assumed_share: float) -> float:
    """Return the exploratory share estimated from linked sessions of the block and its margins."""
    hours = block.fit_last - block.fit_first
    within = _between(explored.hour, block.fit_first, block.fit_last)
    idle, worked = np.zeros(hours), np.zeros(hours)
    np.add.at(idle, explored.hour[within] - block.fit_first, explored.tokens[within])
    np.add.at(worked, linked.hour - block.fit_first, linked.tokens)
    return exploratory_share(idle, idle + worked, assumed_share)


def _between(hours: Whole, first: int, last: int) -> slice:
    """Return the slice of ascending hours from `first` up to but not including `last`."""
    start, stop = np.searchsorted(hours, (first, last)).tolist()
    return slice(start, stop)
