"""The figures of one pull request that a summary shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from vocabulary.intervals import Bounds, Calibration, Doubt, bounds
from vocabulary.reliability import doubts_of
from vocabulary.tokens import TokenCounts

NOTHING = TokenCounts()
# A smaller team's figures would reveal those of one or two people; unknown size is treated alike.
SMALLEST_TEAM = 5
# A median of fewer pull requests would reveal single ones.
FEWEST_PULL_REQUESTS = 20
DIRECT = ("artifact", "commit", "branch")
# Stronger evidence first.
POOLED = ("repository", "cohort")


class SizeBucket(NamedTuple):
    """A range of changed lines, inclusive; the largest has no upper end."""

    low: int
    high: int | None


SIZES = (SizeBucket(0, 9), SizeBucket(10, 49), SizeBucket(50, 249), SizeBucket(250, 999), SizeBucket(1000, None))


@dataclass(frozen=True, slots=True)
class Median:
    """Medians of a team's merged pull requests of one size whose tokens are linked."""

    size: SizeBucket
    pull_requests: int
    tokens: int
    cost_nano_usd: int
    days: int


@dataclass(frozen=True, slots=True)
class Figures:
    """One pull request: its tokens by kind and evidence, its cost, the team's size, and the median to compare with.

    `calibrations` are by the evidence of pooled tokens.
    """

    tokens: TokenCounts = NOTHING
    cost_nano_usd: int = 0
    by_evidence: Mapping[str, int] = field(default_factory=dict)
    people: int | None = None
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)
    median: Median | None = None

    @property
    def direct(self) -> int:
        """Tokens linked directly to the pull request."""
        return sum(self.by_evidence.get(name, 0) for name in DIRECT)

    @property
    def is_reliable(self) -> bool:
        """Whether the figure can be shown."""
        return not self.doubts

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Why the figure is not reliable and therefore not shown."""
        pooled = sum(self.by_evidence.get(name, 0) for name in POOLED)
        return doubts_of(
            self.direct, pooled, 1, self.interval, () if self._calibration is None else self._calibration.doubts
        )

    @property
    def interval(self) -> Bounds | None:
        """The interval of the true total; None before the team is calibrated."""
        pooled = sum(self.by_evidence.get(name, 0) for name in POOLED)
        return None if self._calibration is None else bounds(self.direct, pooled, 1, self._calibration)

    @property
    def _calibration(self) -> Calibration | None:
        return self.calibrations.get(max(POOLED, key=lambda name: self.by_evidence.get(name, 0)))


def size_of(changed_lines: int | None) -> SizeBucket | None:
    """Return the bucket of a pull request; None for an unknown size."""
    if changed_lines is None:
        return None
    return next(each for each in SIZES if each.high is None or changed_lines <= each.high)
