"""Errors of the current method on simulated teams, for teams that cannot measure their own yet.

Measured by `python -m tests.benchmarks.accuracy.calibrate`: quantiles of the log error of pooled tokens, by evidence of
pooling, linked share of tokens, number of pull requests in a sum, and dispersion (see `dispersion`). When much is
linked, often nothing is pooled for a pull request, so errors are larger.
"""

from collections.abc import Mapping
from math import log
from typing import Final, NamedTuple, TypeAlias

from vocabulary.intervals import Quantiles
from workers.attribution.dispersion import Dispersion
from workers.attribution.model import COHORT, REPOSITORY

LINKED_SHARES: Final = (0.0, 0.3, 0.6, 0.9)

# The quantile of a typical team, and its slope by the logarithm of crowding and by thin.
Tail: TypeAlias = tuple[float, float, float]


class Line(NamedTuple):
    """Both quantiles for sums over this many pull requests."""

    pull_requests: int
    low: Tail
    high: Tail


class Seen(NamedTuple):
    """The range of a property among the simulated teams; nothing was measured outside."""

    least: float
    typical: float
    most: float

    def within(self, value: float) -> float:
        """Return the nearest value within the range."""
        return min(max(value, self.least), self.most)


class Simulated(NamedTuple):
    """Quantiles of simulated teams with one linked share of tokens."""

    crowding: Seen
    thin: Seen
    lines: tuple[Line, ...]


_MEASURED: Final[Mapping[tuple[str, float], Simulated]] = {
    (COHORT, 0.0): Simulated(
        crowding=Seen(1.18, 1.71, 4.63),
        thin=Seen(0.29, 0.48, 0.68),
        lines=(
            Line(1, (-1.60, -0.46, 0.08), (0.95, 0.53, 1.32)),
            Line(5, (-1.15, -0.62, -1.57), (0.70, 0.54, 1.71)),
            Line(10, (-0.78, 0.00, 0.00), (0.50, 0.00, 0.00)),
            Line(25, (-0.42, 0.00, 0.00), (0.31, 0.00, 0.00)),
            Line(50, (-0.27, 0.00, 0.00), (0.21, 0.00, 0.00)),
            Line(100, (-0.18, 0.00, 0.00), (0.14, 0.00, 0.00)),
        ),
    ),
    (COHORT, 0.3): Simulated(
        crowding=Seen(1.14, 1.54, 2.63),
        thin=Seen(0.38, 0.54, 0.74),
        lines=(
            Line(1, (-1.53, -0.30, 0.43), (0.97, 0.49, 0.92)),
            Line(5, (-1.17, -0.38, -1.67), (0.75, 0.52, 1.95)),
            Line(10, (-0.78, 0.00, 0.00), (0.54, 0.00, 0.00)),
            Line(25, (-0.43, 0.00, 0.00), (0.33, 0.00, 0.00)),
            Line(50, (-0.26, 0.00, 0.00), (0.21, 0.00, 0.00)),
            Line(100, (-0.17, 0.00, 0.00), (0.14, 0.00, 0.00)),
        ),
    ),
    (COHORT, 0.6): Simulated(
        crowding=Seen(1.09, 1.46, 2.13),
        thin=Seen(0.37, 0.61, 0.81),
        lines=(
            Line(1, (-1.56, -0.47, 0.53), (0.96, 0.76, 0.82)),
            Line(5, (-1.41, -0.19, -2.12), (0.86, 0.68, 2.40)),
            Line(10, (-0.93, 0.00, 0.00), (0.62, 0.00, 0.00)),
            Line(25, (-0.48, 0.00, 0.00), (0.37, 0.00, 0.00)),
            Line(50, (-0.29, 0.00, 0.00), (0.23, 0.00, 0.00)),
            Line(100, (-0.19, 0.00, 0.00), (0.14, 0.00, 0.00)),
        ),
    ),
    (COHORT, 0.9): Simulated(
        crowding=Seen(1.01, 1.40, 1.88),
        thin=Seen(0.54, 0.72, 0.90),
        lines=(
            Line(1, (-1.92, -0.88, 3.29), (0.73, 0.20, -3.44)),
            Line(5, (-2.73, -1.47, -3.61), (1.14, 0.92, 1.82)),
            Line(10, (-2.26, 0.00, 0.00), (0.93, 0.00, 0.00)),
            Line(25, (-1.14, 0.00, 0.00), (0.57, 0.00, 0.00)),
            Line(50, (-0.64, 0.00, 0.00), (0.34, 0.00, 0.00)),
            Line(100, (-0.40, 0.00, 0.00), (0.25, 0.00, 0.00)),
        ),
    ),
    (REPOSITORY, 0.0): Simulated(
        crowding=Seen(1.14, 1.42, 2.12),
        thin=Seen(0.29, 0.49, 0.69),
        lines=(
            Line(1, (-1.48, -0.70, 0.13), (0.81, 0.63, 0.95)),
            Line(5, (-1.04, -0.81, -1.33), (0.60, 0.52, 1.41)),
            Line(10, (-0.69, 0.00, 0.00), (0.43, 0.00, 0.00)),
            Line(25, (-0.36, 0.00, 0.00), (0.28, 0.00, 0.00)),
            Line(50, (-0.23, 0.00, 0.00), (0.19, 0.00, 0.00)),
            Line(100, (-0.14, 0.00, 0.00), (0.13, 0.00, 0.00)),
        ),
    ),
    (REPOSITORY, 0.3): Simulated(
        crowding=Seen(1.12, 1.36, 1.83),
        thin=Seen(0.35, 0.54, 0.73),
        lines=(
            Line(1, (-1.45, -0.37, 0.60), (0.81, 0.82, 0.86)),
            Line(5, (-1.09, -0.51, -1.43), (0.63, 0.61, 1.46)),
            Line(10, (-0.71, 0.00, 0.00), (0.46, 0.00, 0.00)),
            Line(25, (-0.37, 0.00, 0.00), (0.28, 0.00, 0.00)),
            Line(50, (-0.22, 0.00, 0.00), (0.19, 0.00, 0.00)),
            Line(100, (-0.13, 0.00, 0.00), (0.13, 0.00, 0.00)),
        ),
    ),
    (REPOSITORY, 0.6): Simulated(
        crowding=Seen(1.07, 1.32, 1.73),
        thin=Seen(0.39, 0.60, 0.82),
        lines=(
            Line(1, (-1.51, -0.18, 0.87), (0.81, 0.91, 0.56)),
            Line(5, (-1.31, -0.25, -2.11), (0.73, 0.76, 2.08)),
            Line(10, (-0.86, 0.00, 0.00), (0.53, 0.00, 0.00)),
            Line(25, (-0.43, 0.00, 0.00), (0.32, 0.00, 0.00)),
            Line(50, (-0.25, 0.00, 0.00), (0.21, 0.00, 0.00)),
            Line(100, (-0.16, 0.00, 0.00), (0.15, 0.00, 0.00)),
        ),
    ),
    (REPOSITORY, 0.9): Simulated(
        crowding=Seen(1.01, 1.30, 1.66),
        thin=Seen(0.54, 0.73, 0.90),
        lines=(
            Line(1, (-1.79, -1.18, 3.55), (0.57, 0.12, -3.10)),
            Line(5, (-2.61, -2.58, -3.78), (0.98, 1.29, 1.70)),
            Line(10, (-2.10, 0.00, 0.00), (0.81, 0.00, 0.00)),
            Line(25, (-1.01, 0.00, 0.00), (0.51, 0.00, 0.00)),
            Line(50, (-0.56, 0.00, 0.00), (0.32, 0.00, 0.00)),
            Line(100, (-0.32, 0.00, 0.00), (0.22, 0.00, 0.00)),
        ),
    ),
}


def default_quantiles(evidence: str, linked_share: float, dispersion: Dispersion | None) -> tuple[Quantiles, ...]:
    """Return the quantiles of the nearest linked share (0 to 1) for tokens pooled by repository or cohort.

    Without a dispersion, return those of a typical team.
    """
    nearest = min(LINKED_SHARES, key=lambda share: abs(share - linked_share))
    crowding, thin, lines = _MEASURED[evidence, nearest]
    known = dispersion or Dispersion(crowding.typical, thin.typical)
    at = (1.0, log(crowding.within(known.crowding) / crowding.typical), thin.within(known.thin) - thin.typical)

    def quantile(tail: Tail) -> float:
        return sum(slope * value for slope, value in zip(tail, at, strict=True))

    return tuple(Quantiles(line.pull_requests, quantile(line.low), quantile(line.high)) for line in lines)
