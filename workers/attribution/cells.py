"""Cells: the tokens of one pool in one hour, which are split alike for all its windows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vocabulary.tokens import TOKEN_KINDS
from workers.attribution.apportion import Whole
from workers.attribution.matches import Matches
from workers.attribution.window_columns import HOURS_A_DAY, Windows

# Days before and after one that tell whether it was reported as a sum: how many, at least how many, what part.
AROUND, ENOUGH_DAYS, MOSTLY = 7, 3, 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells in ascending order of hour and pool, both (cells,), with their `tokens` (cells,) of all kinds.

    `of_window` (windows,) is the cell of each window, or -1. `by_day` (cells,) marks sums of a whole day, which
    stand in its first hour.
    """

    hour: Whole
    pool: Whole
    tokens: NDArray[np.float64]
    of_window: Whole
    by_day: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.hour)


def cells_of(windows: Windows, matches: Matches) -> Cells:
    """Return the cells of all windows that match a pool."""
    pools = max(len(matches.pools), 1)
    pooled = matches.pool >= 0
    keys, cell = np.unique((windows.hour * pools + matches.pool)[pooled], return_inverse=True)
    tokens = windows.amounts[pooled, : len(TOKEN_KINDS)].sum(axis=1, dtype=np.float64)
    of_window = np.full(len(windows), -1)
    of_window[pooled] = cell
    totals = np.bincount(cell, tokens, len(keys)).astype(np.float64)
    hour, pool = keys // pools, keys % pools
    return Cells(hour, pool, totals, of_window, _sums_of_days(hour))


def _sums_of_days(hour: Whole) -> NDArray[np.bool_]:
    """Return which cells (cells,) hold the tokens of their whole day.

    They stand at midnight, and in the days around them nearly all tokens do: somebody who works at night leaves tokens
    in other hours as well.
    """
    day, place = np.unique(hour // HOURS_A_DAY, return_inverse=True)
    midnight = np.bincount(place, hour % HOURS_A_DAY == 0, len(day)) == np.bincount(place, minlength=len(day))
    sums = np.concatenate([[0], np.cumsum(midnight)])
    begins, ends = np.searchsorted(day, day - AROUND), np.searchsorted(day, day + AROUND, side="right")
    alike = (sums[ends] - sums[begins] >= MOSTLY * (ends - begins)) & (ends - begins >= ENOUGH_DAYS)
    by_day: NDArray[np.bool_] = (hour % HOURS_A_DAY == 0) & (midnight & alike)[place]
    return by_day
