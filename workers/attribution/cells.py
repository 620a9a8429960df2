"""Cells: the tokens of one pool in one hour, which are split alike for all its windows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vocabulary.tokens import TOKEN_KINDS
from workers.attribution.apportion import Whole
from workers.attribution.matches import Matches
from workers.attribution.window_columns import Windows


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells in ascending order of hour and pool, both (cells,), with their `tokens` (cells,) of all kinds.

    `of_window` (windows,) is the cell of each window, or -1.
    """

    hour: Whole
    pool: Whole
    tokens: NDArray[np.float64]
    of_window: Whole

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
    return Cells(keys // pools, keys % pools, totals, of_window)
