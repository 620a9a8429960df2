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
        (1, -1.65, 0.85),
        (5, -1.09, 0.61),
        (10, -0.72, 0.43),
        (25, -0.41, 0.25),
        (50, -0.23, 0.16),
        (100, -0.17, 0.10),
    ),
    (COHORT, 0.3): (
        (1, -1.56, 0.91),
        (5, -1.07, 0.64),
        (10, -0.66, 0.46),
        (25, -0.40, 0.28),
        (50, -0.23, 0.17),
        (100, -0.16, 0.10),
    ),
    (COHORT, 0.6): (
        (1, -1.61, 0.96),
        (5, -1.24, 0.74),
        (10, -0.80, 0.51),
        (25, -0.45, 0.33),
        (50, -0.23, 0.20),
        (100, -0.17, 0.12),
    ),
    (COHORT, 0.9): (
        (1, -2.09, 0.94),
        (5, -2.40, 1.01),
        (10, -1.73, 0.80),
        (25, -0.91, 0.54),
        (50, -0.49, 0.34),
        (100, -0.26, 0.23),
    ),
    (REPOSITORY, 0.0): (
        (1, -1.49, 0.72),
        (5, -0.97, 0.50),
        (10, -0.64, 0.37),
        (25, -0.36, 0.24),
        (50, -0.21, 0.16),
        (100, -0.14, 0.09),
    ),
    (REPOSITORY, 0.3): (
        (1, -1.46, 0.77),
        (5, -1.00, 0.52),
        (10, -0.62, 0.36),
        (25, -0.32, 0.23),
        (50, -0.19, 0.15),
        (100, -0.12, 0.09),
    ),
    (REPOSITORY, 0.6): (
        (1, -1.50, 0.81),
        (5, -1.15, 0.60),
        (10, -0.72, 0.44),
        (25, -0.42, 0.27),
        (50, -0.22, 0.18),
        (100, -0.15, 0.12),
    ),
    (REPOSITORY, 0.9): (
        (1, -1.96, 0.82),
        (5, -2.32, 0.87),
        (10, -1.63, 0.68),
        (25, -0.88, 0.42),
        (50, -0.47, 0.26),
        (100, -0.26, 0.16),
    ),
}


def default_quantiles(evidence: str, linked_share: float) -> tuple[Quantiles, ...]:
    """Those of the nearest linked share (0 to 1) for tokens pooled by repository or cohort."""
    nearest = min(LINKED_SHARES, key=lambda share: abs(share - linked_share))
    return tuple(Quantiles(*each) for each in _MEASURED[evidence, nearest])
