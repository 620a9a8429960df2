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
        (1, -1.63, 0.86),
        (5, -1.09, 0.62),
        (10, -0.71, 0.45),
        (25, -0.40, 0.27),
        (50, -0.24, 0.18),
        (100, -0.14, 0.12),
    ),
    (COHORT, 0.3): (
        (1, -1.55, 0.94),
        (5, -1.05, 0.66),
        (10, -0.66, 0.47),
        (25, -0.36, 0.30),
        (50, -0.21, 0.17),
        (100, -0.13, 0.12),
    ),
    (COHORT, 0.6): (
        (1, -1.60, 0.98),
        (5, -1.23, 0.73),
        (10, -0.79, 0.51),
        (25, -0.43, 0.34),
        (50, -0.25, 0.20),
        (100, -0.15, 0.13),
    ),
    (COHORT, 0.9): (
        (1, -2.08, 0.97),
        (5, -2.41, 1.04),
        (10, -1.71, 0.78),
        (25, -0.91, 0.54),
        (50, -0.52, 0.35),
        (100, -0.32, 0.26),
    ),
    (REPOSITORY, 0.0): (
        (1, -1.47, 0.73),
        (5, -0.97, 0.53),
        (10, -0.64, 0.38),
        (25, -0.36, 0.26),
        (50, -0.21, 0.17),
        (100, -0.13, 0.11),
    ),
    (REPOSITORY, 0.3): (
        (1, -1.43, 0.78),
        (5, -0.98, 0.54),
        (10, -0.61, 0.38),
        (25, -0.31, 0.26),
        (50, -0.20, 0.16),
        (100, -0.12, 0.12),
    ),
    (REPOSITORY, 0.6): (
        (1, -1.51, 0.81),
        (5, -1.14, 0.62),
        (10, -0.71, 0.44),
        (25, -0.40, 0.28),
        (50, -0.22, 0.19),
        (100, -0.14, 0.14),
    ),
    (REPOSITORY, 0.9): (
        (1, -1.96, 0.82),
        (5, -2.32, 0.88),
        (10, -1.66, 0.65),
        (25, -0.89, 0.44),
        (50, -0.47, 0.26),
        (100, -0.28, 0.20),
    ),
}


def default_quantiles(evidence: str, linked_share: float) -> tuple[Quantiles, ...]:
    """Those of the nearest linked share (0 to 1) for tokens pooled by repository or cohort."""
    nearest = min(LINKED_SHARES, key=lambda share: abs(share - linked_share))
    return tuple(Quantiles(*each) for each in _MEASURED[evidence, nearest])
