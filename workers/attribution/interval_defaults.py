"""Errors of the current method on simulated teams, for teams that cannot measure their own yet.

Measured by `python -m tests.benchmarks.accuracy.calibrate`: quantiles of the log error of pooled tokens, by evidence of
pooling, linked share of tokens, number of pull requests in a sum, and dispersion (see `dispersion`), in tidy worlds and
in those of `service.simulation.worlds`. When much is
linked, often nothing is pooled for a pull request, so errors are larger.
"""

from collections.abc import Mapping
from math import log
from typing import Final, NamedTuple, TypeAlias

from vocabulary.intervals import Quantiles
from workers.attribution.dispersion import Dispersion
from workers.attribution.model import COHORT, REPOSITORY

LINKED_SHARES: Final = (0.0, 0.3, 0.6, 0.9)

# Activity that follows tokens less closely tells no less.
LEAST_CLOSENESS = 0.02
# However sure a team seems, its estimates are never exact.
LEAST_ERROR = 0.02

# The quantile of a typical team, and its slope by the logarithm of crowding, by thin and by the logarithm of closeness.
Tail: TypeAlias = tuple[float, float, float, float]


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
    closeness: Seen
    lines: tuple[Line, ...]


_MEASURED: Final[Mapping[tuple[str, float], Simulated]] = {
    (COHORT, 0.0): Simulated(
        crowding=Seen(1.24, 2.52, 9.53),
        thin=Seen(0.06, 0.38, 0.93),
        closeness=Seen(0.02, 0.16, 0.40),
        lines=(
            Line(1, (-1.77, -0.10, 1.38, 0.07), (0.85, 0.13, -0.45, -0.03)),
            Line(5, (-1.47, -0.29, -1.45, 0.16), (0.65, 0.23, 0.25, -0.02)),
            Line(10, (-1.23, 0.00, 0.00, 0.00), (0.60, 0.00, 0.00, 0.00)),
            Line(25, (-0.82, 0.00, 0.00, 0.00), (0.38, 0.00, 0.00, 0.00)),
            Line(50, (-0.61, 0.00, 0.00, 0.00), (0.29, 0.00, 0.00, 0.00)),
            Line(100, (-0.49, 0.00, 0.00, 0.00), (0.16, 0.00, 0.00, 0.00)),
        ),
    ),
    (COHORT, 0.3): Simulated(
        crowding=Seen(1.14, 1.87, 4.73),
        thin=Seen(0.21, 0.51, 0.91),
        closeness=Seen(0.02, 0.16, 0.40),
        lines=(
            Line(1, (-1.57, -0.32, 1.54, 0.03), (0.97, 0.37, -0.42, -0.13)),
            Line(5, (-1.26, -0.68, -1.48, 0.04), (0.76, 0.36, 0.40, -0.11)),
            Line(10, (-1.13, 0.00, 0.00, 0.00), (0.70, 0.00, 0.00, 0.00)),
            Line(25, (-0.62, 0.00, 0.00, 0.00), (0.44, 0.00, 0.00, 0.00)),
            Line(50, (-0.38, 0.00, 0.00, 0.00), (0.27, 0.00, 0.00, 0.00)),
            Line(100, (-0.22, 0.00, 0.00, 0.00), (0.22, 0.00, 0.00, 0.00)),
        ),
    ),
    (COHORT, 0.6): Simulated(
        crowding=Seen(1.11, 1.59, 2.88),
        thin=Seen(0.37, 0.61, 0.95),
        closeness=Seen(0.02, 0.16, 0.40),
        lines=(
            Line(1, (-1.67, -0.47, 1.84, 0.11), (1.07, 1.20, -0.22, -0.23)),
            Line(5, (-1.50, -0.10, -1.11, 0.09), (0.95, 0.99, 0.74, -0.21)),
            Line(10, (-1.25, 0.00, 0.00, 0.00), (0.81, 0.00, 0.00, 0.00)),
            Line(25, (-0.72, 0.00, 0.00, 0.00), (0.47, 0.00, 0.00, 0.00)),
            Line(50, (-0.45, 0.00, 0.00, 0.00), (0.32, 0.00, 0.00, 0.00)),
            Line(100, (-0.39, 0.00, 0.00, 0.00), (0.30, 0.00, 0.00, 0.00)),
        ),
    ),
    (COHORT, 0.9): Simulated(
        crowding=Seen(1.01, 1.46, 2.68),
        thin=Seen(0.57, 0.73, 0.97),
        closeness=Seen(0.02, 0.16, 0.40),
        lines=(
            Line(1, (-2.04, -1.06, 5.51, 0.09), (0.94, 0.76, -1.94, -0.17)),
            Line(5, (-3.01, -2.32, 2.95, -0.05), (1.41, 1.02, -0.03, -0.28)),
            Line(10, (-3.46, 0.00, 0.00, 0.00), (1.53, 0.00, 0.00, 0.00)),
            Line(25, (-1.75, 0.00, 0.00, 0.00), (0.93, 0.00, 0.00, 0.00)),
            Line(50, (-1.05, 0.00, 0.00, 0.00), (0.80, 0.00, 0.00, 0.00)),
            Line(100, (-0.81, 0.00, 0.00, 0.00), (0.58, 0.00, 0.00, 0.00)),
        ),
    ),
    (REPOSITORY, 0.0): Simulated(
        crowding=Seen(1.14, 2.16, 7.55),
        thin=Seen(0.09, 0.39, 0.93),
        closeness=Seen(0.02, 0.16, 0.40),
        lines=(
            Line(1, (-1.71, -0.13, 1.45, 0.07), (0.81, 0.32, -0.35, 0.06)),
            Line(5, (-1.39, -0.06, -1.04, 0.23), (0.60, 0.28, 0.28, 0.00)),
            Line(10, (-1.20, 0.00, 0.00, 0.00), (0.56, 0.00, 0.00, 0.00)),
            Line(25, (-0.79, 0.00, 0.00, 0.00), (0.36, 0.00, 0.00, 0.00)),
            Line(50, (-0.55, 0.00, 0.00, 0.00), (0.28, 0.00, 0.00, 0.00)),
            Line(100, (-0.47, 0.00, 0.00, 0.00), (0.14, 0.00, 0.00, 0.00)),
        ),
    ),
    (REPOSITORY, 0.3): Simulated(
        crowding=Seen(1.36, 1.75, 3.30),
        thin=Seen(0.28, 0.51, 0.89),
        closeness=Seen(0.02, 0.22, 0.40),
        lines=(
            Line(1, (-1.53, -0.41, 1.77, 0.06), (0.95, 0.10, -0.68, -0.25)),
            Line(5, (-1.16, -1.27, -2.02, -0.06), (0.69, 0.37, -0.08, -0.15)),
            Line(10, (-1.00, 0.00, 0.00, 0.00), (0.65, 0.00, 0.00, 0.00)),
            Line(25, (-0.53, 0.00, 0.00, 0.00), (0.36, 0.00, 0.00, 0.00)),
            Line(50, (-0.33, 0.00, 0.00, 0.00), (0.21, 0.00, 0.00, 0.00)),
            Line(100, (-0.21, 0.00, 0.00, 0.00), (0.22, 0.00, 0.00, 0.00)),
        ),
    ),
    (REPOSITORY, 0.6): Simulated(
        crowding=Seen(1.10, 1.49, 2.48),
        thin=Seen(0.37, 0.60, 0.96),
        closeness=Seen(0.02, 0.16, 0.40),
        lines=(
            Line(1, (-1.64, -0.50, 1.95, 0.11), (0.99, 1.07, -0.48, -0.24)),
            Line(5, (-1.41, 0.33, -0.67, 0.18), (0.86, 0.71, 0.33, -0.19)),
            Line(10, (-1.20, 0.00, 0.00, 0.00), (0.74, 0.00, 0.00, 0.00)),
            Line(25, (-0.66, 0.00, 0.00, 0.00), (0.43, 0.00, 0.00, 0.00)),
            Line(50, (-0.44, 0.00, 0.00, 0.00), (0.29, 0.00, 0.00, 0.00)),
            Line(100, (-0.38, 0.00, 0.00, 0.00), (0.29, 0.00, 0.00, 0.00)),
        ),
    ),
    (REPOSITORY, 0.9): Simulated(
        crowding=Seen(1.03, 1.41, 2.21),
        thin=Seen(0.57, 0.74, 0.96),
        closeness=Seen(0.02, 0.22, 0.40),
        lines=(
            Line(1, (-1.89, -0.85, 5.36, 0.18), (1.10, -0.35, -3.26, -0.34)),
            Line(5, (-2.79, -3.77, 1.77, 0.02), (1.56, -0.33, -2.46, -0.60)),
            Line(10, (-3.41, 0.00, 0.00, 0.00), (1.75, 0.00, 0.00, 0.00)),
            Line(25, (-1.99, 0.00, 0.00, 0.00), (1.08, 0.00, 0.00, 0.00)),
            Line(50, (-1.93, 0.00, 0.00, 0.00), (0.95, 0.00, 0.00, 0.00)),
            Line(100, (-1.40, 0.00, 0.00, 0.00), (1.02, 0.00, 0.00, 0.00)),
        ),
    ),
}


def default_quantiles(evidence: str, linked_share: float, dispersion: Dispersion | None) -> tuple[Quantiles, ...]:
    """Return the quantiles of the nearest linked share (0 to 1) for tokens pooled by repository or cohort.

    Without a dispersion, return those of a typical team.
    """
    nearest = min(LINKED_SHARES, key=lambda share: abs(share - linked_share))
    crowding, thin, closeness, lines = _MEASURED[evidence, nearest]
    known = dispersion or Dispersion(crowding.typical, thin.typical)
    close = closeness.typical if known.closeness is None else max(known.closeness, LEAST_CLOSENESS)
    at = (
        1.0,
        log(crowding.within(known.crowding) / crowding.typical),
        thin.within(known.thin) - thin.typical,
        log(closeness.within(close) / closeness.typical),
    )

    def quantile(tail: Tail) -> float:
        return sum(slope * value for slope, value in zip(tail, at, strict=True))

    return tuple(
        Quantiles(line.pull_requests, min(-LEAST_ERROR, quantile(line.low)), max(LEAST_ERROR, quantile(line.high)))
        for line in lines
    )
