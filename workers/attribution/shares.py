"""Shares: the proportions in which a cell's tokens are split over pull requests and overhead."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.attribution.apportion import Whole
from workers.attribution.blocks import Block
from workers.attribution.cells import Cells
from workers.attribution.claims import Claims, by_hour, claims_of
from workers.attribution.fit import Linked, Pooled, Weights, fit, unfitted
from workers.attribution.kernels.kernel import Activity, Lives
from workers.attribution.kernels.kernel_choice import Choice, choose
from workers.attribution.methods import Method
from workers.attribution.overhead import Assumption, exploratory_share
from workers.attribution.window_columns import HOURS_A_DAY

Real = NDArray[np.float64]

# What the weights of a cell's shares sum to, apart from rounding.
RESOLUTION = 1 << 30
# Activity is computed for a quarter at once: small enough for memory, long compared with the margins.
HOURS_AT_ONCE = 13 * 7 * HOURS_A_DAY
# Activity usually follows tokens as closely as this; where it does not, rates are doubted up to so many times as much.
CLOSE, MOST_DOUBT = 0.3, 4.0


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
    activities = [by_hour(kernel.activity_in(work.lives, first, last)) for kernel in method.kernels]
    claims: dict[int, Claims] = {}
    for block in blocks:
        place, closeness = kernel_choice(work, activities, block.fit_first, block.fit_last)
        if place not in claims:
            claims[place] = claims_of(
                activities[place],
                first,
                last,
                members=work.members,
                cells=work.cells,
                spreads_days=method.spreads_days,
            )
        yield _weigh(work, claims[place], block, assumed_share, doubting(method, closeness))


def doubting(method: Method, closeness: float) -> Method:
    """Return the method with rates that are drawn to their mean the more, the less activity follows tokens."""
    if method.prior is None or len(method.kernels) == 1:
        return method
    doubt = method.prior.doubt * min(max(CLOSE / max(closeness, 1e-3), 1.0), MOST_DOUBT)
    return replace(method, prior=replace(method.prior, doubt=doubt))


def kernel_choice(work: Work, activities: Sequence[Activity], first: int, last: int) -> Choice:
    """Return the kernel that suits the hours from `first` up to but not including `last`.

    `activities` are those of each kernel, by hour and pull request.
    """
    cells = _between(work.cells.hour, first, last)
    if len(activities) == 1 or work.cells.by_day[cells].any():
        return Choice(0)
    links = _between(work.linked.hour, first, last)
    parts = [_between(each.hour, first, last) for each in activities]
    return choose(
        [
            Activity(each.pull_request[part], each.hour[part], each.weight[part])
            for each, part in zip(activities, parts, strict=True)
        ],
        tokens_by_hour(work, first, last),
        first,
        (work.linked.pull_request[links], work.linked.hour[links]),
    )


def tokens_by_hour(work: Work, first: int, last: int) -> Real:
    """Return all tokens (hours,) of the hours from `first` up to but not including `last`."""
    tokens = np.zeros(last - first)
    for hour, amount in (
        (work.cells.hour, work.cells.tokens),
        (work.linked.hour, work.linked.tokens),
        (work.explored.hour, work.explored.tokens),
    ):
        part = _between(hour, first, last)
        np.add.at(tokens, hour[part] - first, amount[part])
    return tokens


def _weigh(work: Work, claims: Claims, block: Block, assumed_share: float, method: Method) -> _Weighed:
    """Return the parts of the block's cells, without claims that are negligible in their cell."""
    hour = claims.activity.hour[claims.entry]
    fitted_on = _between(hour, block.fit_first, block.fit_last)
    own_cells = _between(work.cells.hour, block.fit_first, block.fit_last)
    weights = _weights(work, claims, fitted_on, own_cells, block, assumed_share, method)
    written = slice(*np.searchsorted(hour[fitted_on], (block.first, block.last)).tolist())
    cell, weight = (claims.cell[fitted_on] - own_cells.start)[written], weights.claims[written]
    owner = claims.activity.pull_request[claims.entry[fitted_on]][written]
    if work.cells.by_day[own_cells].any():
        cell, owner, weight = _summed(cell, owner, weight, len(work.lives.opened))
    strongest = np.zeros(own_cells.stop - own_cells.start)
    np.maximum.at(strongest, cell, weight)
    kept = (weight > 0) & (weight >= method.negligible * strongest[cell])
    cell, owner, weight = cell[kept], owner[kept], weight[kept]
    total = np.bincount(cell, weight, len(strongest))
    return _Weighed(cell + own_cells.start, owner, weight / total[cell] * (1 - weights.overhead[cell]))


def _summed(cell: Whole, owner: Whole, weight: Real, owners: int) -> tuple[Whole, Whole, Real]:
    """Sum the claims of a pull request on a cell, which are several if the cell holds a whole day."""
    keys, place = np.unique(cell * owners + owner, return_inverse=True)
    return keys // owners, keys % owners, np.bincount(place, weight, len(keys)).astype(np.float64)


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
    calibrated = _calibrated(known, work.explored, block, assumed_share, method.assumption)
    return fit(active, pooled, known, int(involved.sum()), calibrated, method.prior)


def _calibrated(
    linked: Linked, explored: Explored, block: Block, assumed_share: float, assumption: Assumption
) -> float:
    """Return the exploratory share estimated from linked sessions of the block and its margins."""
    hours = block.fit_last - block.fit_first
    within = _between(explored.hour, block.fit_first, block.fit_last)
    idle, worked = np.zeros(hours), np.zeros(hours)
    np.add.at(idle, explored.hour[within] - block.fit_first, explored.tokens[within])
    np.add.at(worked, linked.hour - block.fit_first, linked.tokens)
    return exploratory_share(idle, idle + worked, assumed_share, assumption)


def _between(hours: Whole, first: int, last: int) -> slice:
    """Return the slice of ascending hours from `first` up to but not including `last`."""
    start, stop = np.searchsorted(hours, (first, last)).tolist()
    return slice(start, stop)
