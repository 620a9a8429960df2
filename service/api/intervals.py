"""The interval of a sum as the API shows it, from rows of tokens by evidence."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from schema.contracts.attribution import Interval
from schema.intervals import COVERAGE, RELIABLE_SHARE, SUM_SIZE, Calibration, bounds
from service.api.amounts import by_evidence
from service.queries.calibrations import TeamCalibrations

# What was split between several, the more telling evidence first.
POOLED = ("repository", "cohort")


class Told(NamedTuple):
    """What is known of some tokens: those that are linked, and those that were split, by evidence."""

    direct: int
    pooled: dict[str, int]

    @property
    def is_direct(self) -> bool:
        """Whether enough of the tokens are linked for a figure to stand alone."""
        pooled = sum(self.pooled.values())
        return self.direct > 0 and self.direct >= RELIABLE_SHARE * (self.direct + pooled)


def read_told(rows: Iterable[Mapping[str, Any]]) -> Told:
    """Rows of tokens and evidence, added up."""
    return told_of(by_evidence(rows))


def told_of(totals: Mapping[str, int]) -> Told:
    """Tokens of every kind of evidence."""
    pooled = {evidence: totals[evidence] for evidence in POOLED}
    return Told(sum(totals.values()) - sum(pooled.values()), pooled)


def interval_of(told: Told, pull_requests: int, calibrations: TeamCalibrations) -> Interval | None:
    """Where the truth lies, of a sum over so many pull requests; None while their team was not calibrated."""
    calibration = _calibration(told, calibrations)
    if calibration is None or not pull_requests:
        return None
    low, high = bounds(told.direct, sum(told.pooled.values()), pull_requests, calibration)
    return Interval(low=low, high=high, coverage=COVERAGE)


def is_reliable(told: Told, pull_requests: int) -> bool:
    """Whether the figure may be used alone: enough of it is linked, or it sums enough pull requests."""
    return told.is_direct or pull_requests >= SUM_SIZE


def _calibration(told: Told, calibrations: TeamCalibrations) -> Calibration | None:
    """That of the evidence by which most tokens were split."""
    strongest = max(POOLED, key=lambda evidence: told.pooled[evidence])
    return calibrations.get(strongest)
