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
        (1, -1.70, 0.96),
        (5, -0.99, 0.63),
        (10, -0.64, 0.49),
        (25, -0.35, 0.34),
        (50, -0.21, 0.25),
        (100, -0.13, 0.17),
    ),
    (COHORT, 0.3): (
        (1, -1.60, 0.95),
        (5, -1.03, 0.62),
        (10, -0.63, 0.43),
        (25, -0.33, 0.26),
        (50, -0.23, 0.18),
        (100, -0.14, 0.13),
    ),
    (COHORT, 0.6): (
        (1, -1.69, 1.02),
        (5, -1.20, 0.72),
        (10, -0.75, 0.49),
        (25, -0.41, 0.27),
        (50, -0.27, 0.18),
        (100, -0.18, 0.11),
    ),
    (COHORT, 0.9): (
        (1, -2.16, 1.03),
        (5, -2.63, 1.05),
        (10, -1.84, 0.79),
        (25, -0.89, 0.48),
        (50, -0.51, 0.30),
        (100, -0.33, 0.19),
    ),
    (REPOSITORY, 0.0): (
        (1, -1.51, 0.80),
        (5, -0.87, 0.53),
        (10, -0.53, 0.40),
        (25, -0.30, 0.27),
        (50, -0.18, 0.20),
        (100, -0.11, 0.16),
    ),
    (REPOSITORY, 0.3): (
        (1, -1.45, 0.80),
        (5, -0.95, 0.53),
        (10, -0.57, 0.38),
        (25, -0.30, 0.22),
        (50, -0.19, 0.16),
        (100, -0.11, 0.10),
    ),
    (REPOSITORY, 0.6): (
        (1, -1.55, 0.86),
        (5, -1.11, 0.64),
        (10, -0.69, 0.43),
        (25, -0.35, 0.25),
        (50, -0.23, 0.16),
        (100, -0.16, 0.11),
    ),
    (REPOSITORY, 0.9): (
        (1, -2.04, 0.85),
        (5, -2.42, 0.99),
        (10, -1.68, 0.70),
        (25, -0.79, 0.42),
        (50, -0.45, 0.27),
        (100, -0.31, 0.19),
    ),
}


def default_quantiles(evidence: str, linked_share: float) -> tuple[Quantiles, ...]:
    """Those of the nearest linked share (0 to 1) for tokens pooled by repository or cohort."""
    nearest = min(LINKED_SHARES, key=lambda share: abs(share - linked_share))
    return tuple(Quantiles(*each) for each in _MEASURED[evidence, nearest])
