"""What is known of one pull request, as far as a summary tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from schema.intervals import RELIABLE_SHARE, Bounds, Calibration, bounds
from schema.tokens import TokenCounts

NOTHING = TokenCounts()
# A smaller team is a person or two, and its figures are theirs; of one of unknown size nobody knows better.
SMALLEST_TEAM = 5
# Fewer pull requests make a median that says more of each of them than of a team.
FEWEST_PULL_REQUESTS = 20
DIRECT = ("artifact", "commit", "branch")
# The more telling evidence first.
POOLED = ("repository", "cohort")


class SizeBucket(NamedTuple):
    """Pull requests of so many changed lines, both ends included; no upper end for the largest."""

    low: int
    high: int | None


SIZES = (SizeBucket(0, 9), SizeBucket(10, 49), SizeBucket(50, 249), SizeBucket(250, 999), SizeBucket(1000, None))


@dataclass(frozen=True, slots=True)
class Median:
    """The medians over so many merged pull requests of a team that are of one size and whose tokens are linked."""

    size: SizeBucket
    pull_requests: int
    tokens: int
    cost_nano_usd: int
    days: int


@dataclass(frozen=True, slots=True)
class Figures:
    """One pull request: its tokens by kind and by evidence, its cost, its team's people, and what it compares with.

    `calibrations` are by the evidence that tokens were pooled by.
    """

    tokens: TokenCounts = NOTHING
    cost_nano_usd: int = 0
    by_evidence: Mapping[str, int] = field(default_factory=dict)
    people: int | None = None
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)
    median: Median | None = None

    @property
    def direct(self) -> int:
        """Tokens that a link gives to it."""
        return sum(self.by_evidence.get(name, 0) for name in DIRECT)

    @property
    def is_reliable(self) -> bool:
        """Whether enough of the tokens are linked for the figure to stand alone."""
        return self.direct > 0 and self.direct >= RELIABLE_SHARE * self.tokens.total

    @property
    def interval(self) -> Bounds | None:
        """Where the true total lies with the probability of intervals; None while the team was not calibrated."""
        pooled = {name: self.by_evidence.get(name, 0) for name in POOLED}
        calibration = self.calibrations.get(max(POOLED, key=lambda name: pooled[name]))
        return None if calibration is None else bounds(self.direct, sum(pooled.values()), 1, calibration)


def size_of(changed_lines: int | None) -> SizeBucket | None:
    """The bucket of a pull request; None while nobody told its size."""
    if changed_lines is None:
        return None
    return next(each for each in SIZES if each.high is None or changed_lines <= each.high)
