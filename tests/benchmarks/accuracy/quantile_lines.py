"""Quantile regression: a quantile of errors as a linear function of teams' covariates.

Koenker & Bassett 1978, Econometrica 46: the line that minimises the pinball loss, found by iteratively reweighted least
squares (Hunter & Lange 2000, J. Comp. Graph. Stat. 9). The intercept is then moved to the conformal quantile of the
residuals (Romano, Patterson & Candès 2019, arXiv:1905.03222).
"""

from math import ceil, floor

import numpy as np

from workers.attribution.intervals import Real

# Decreasing distances, in standard deviations, below which an error counts as on the line.
SMOOTHINGS = (0.3, 0.1, 0.03, 0.01)
ROUNDS = 30


def quantile_line(covariates: Real, errors: Real, part: float) -> Real:
    """Return intercept and slopes (1 + k,) of the quantile `part` (0 to 1) of errors (n,) by covariates (n, k)."""
    design = np.column_stack([np.ones(len(errors)), covariates])
    line: Real = np.linalg.lstsq(design, errors, rcond=None)[0].astype(np.float64)
    for smoothing in SMOOTHINGS:
        for _ in range(ROUNDS):
            left = errors - design @ line
            weight = np.where(left > 0, part, 1 - part) / np.hypot(left, smoothing * errors.std())
            weighted = design.T * weight
            line = np.linalg.lstsq(weighted @ design, weighted @ errors, rcond=None)[0].astype(np.float64)
    line[0] += _conformal(errors - design @ line, part)
    return line


def _conformal(errors: Real, part: float) -> float:
    """Return the quantile one rank further out than the plain one."""
    rank = part * (len(errors) + 1)
    place = floor(rank) - 1 if part < 0.5 else ceil(rank) - 1
    return float(np.sort(errors)[min(max(place, 0), len(errors) - 1)])
