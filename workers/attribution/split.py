"""Splits windows into ledger rows by the shares of their cell, or by one link for the whole window."""

import numpy as np

from workers.attribution.apportion import Whole, apportion_groups
from workers.attribution.cells import Cells
from workers.attribution.ledger import EVIDENCE_PLACES, AttributionRows
from workers.attribution.matches import Matches
from workers.attribution.model import NO_EVIDENCE
from workers.attribution.shares import Shares
from workers.attribution.window_columns import Windows


def split(
    windows: Windows, written: Whole, artifacts: tuple[bytes, ...], matches: Matches, cells: Cells, shares: Shares
) -> AttributionRows:
    """Return the rows of the windows with indexes `written`; artifacts are ascending, the first is overhead.

    Each token kind and the money are apportioned separately; shares without any amount get no row.
    """
    pooled = matches.pool[written] >= 0
    cell = cells.of_window[written]
    shares_in = np.bincount(shares.cell, minlength=len(cells))
    begins = np.cumsum(shares_in) - shares_in
    # The last entry stands for windows without a cell.
    sizes = np.where(pooled, np.append(shares_in, 1)[cell], 1)
    row = np.repeat(np.arange(len(written)), sizes)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    window = written[row]
    artifact, weight = matches.artifact[window], np.ones(len(row), dtype=np.int64)
    share = (np.append(begins, 0)[cell[row]] + nth)[pooled[row]]
    artifact[pooled[row]] = shares.artifact[share]
    weight[pooled[row]] = shares.weight[share]

    amounts = np.stack([apportion_groups(kind, weight, sizes) for kind in windows.amounts[written].T], axis=1)
    kept = amounts.any(axis=1)
    evidence = np.where(artifact > 0, matches.evidence[window], EVIDENCE_PLACES[NO_EVIDENCE])
    return AttributionRows(windows, artifacts, window[kept], artifact[kept], evidence[kept], amounts[kept])
