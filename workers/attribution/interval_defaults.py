"""Errors of the current method on simulated teams, for those that cannot measure their own yet.

Measured by `python -m tests.benchmarks.accuracy.calibrate`: quantiles of the log error of pooled tokens, by the
evidence that they are pooled by, the share of tokens that is linked, and the number of pull requests in a sum. Where
much is linked, what is pooled of one pull request is often nothing, so that it is wrong by more.
"""

from collections.abc import Mapping
from typing import Final

from schema.intervals import Quantiles
from workers.attribution.model import COHORT, REPOSITORY

LINKED_SHARES: Final = (0.0, 0.3, 0.6, 0.9)

# (pull requests, low, high)
_MEASURED: Final[Mapping[tuple[str, float], tuple[tuple[int, float, float], ...]]] = {
    (COHORT, 0.0): (
        (1, -1.63, 0.88),
        (5, -1.09, 0.62),
        (10, -0.70, 0.45),
        (25, -0.37, 0.28),
        (50, -0.23, 0.18),
        (100, -0.14, 0.14),
    ),
    (COHORT, 0.3): (
        (1, -1.55, 0.93),
        (5, -1.05, 0.66),
        (10, -0.67, 0.47),
        (25, -0.36, 0.29),
        (50, -0.22, 0.17),
        (100, -0.13, 0.12),
    ),
    (COHORT, 0.6): (
        (1, -1.58, 0.96),
        (5, -1.20, 0.75),
        (10, -0.79, 0.53),
        (25, -0.42, 0.32),
        (50, -0.25, 0.19),
        (100, -0.15, 0.12),
    ),
    (COHORT, 0.9): (
        (1, -2.09, 0.98),
        (5, -2.45, 1.07),
        (10, -1.76, 0.83),
        (25, -0.88, 0.52),
        (50, -0.49, 0.32),
        (100, -0.29, 0.23),
    ),
    (REPOSITORY, 0.0): (
        (1, -1.45, 0.72),
        (5, -0.94, 0.51),
        (10, -0.61, 0.37),
        (25, -0.31, 0.24),
        (50, -0.18, 0.16),
        (100, -0.11, 0.12),
    ),
    (REPOSITORY, 0.3): (
        (1, -1.40, 0.76),
        (5, -0.94, 0.54),
        (10, -0.59, 0.38),
        (25, -0.31, 0.23),
        (50, -0.18, 0.15),
        (100, -0.10, 0.11),
    ),
    (REPOSITORY, 0.6): (
        (1, -1.47, 0.80),
        (5, -1.09, 0.62),
        (10, -0.69, 0.46),
        (25, -0.37, 0.27),
        (50, -0.22, 0.17),
        (100, -0.14, 0.11),
    ),
    (REPOSITORY, 0.9): (
        (1, -1.94, 0.80),
        (5, -2.33, 0.93),
        (10, -1.64, 0.70),
        (25, -0.82, 0.44),
        (50, -0.44, 0.27),
        (100, -0.26, 0.20),
    ),
}


def default_quantiles(evidence: str, linked_share: float) -> tuple[Quantiles, ...]:
    """Those of the nearest linked share (0 to 1) for tokens pooled by repository or cohort."""
    nearest = min(LINKED_SHARES, key=lambda share: abs(share - linked_share))
    return tuple(Quantiles(*each) for each in _MEASURED[evidence, nearest])
