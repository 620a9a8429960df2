"""The interval of a sum as the API shows it, from rows of tokens by evidence."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from schema.intervals import COVERAGE, RELIABLE_SHARE, SUM_SIZE, Calibration, bounds
from service.api.amounts import by_evidence
from service.contracts.attribution import Interval
from service.queries.ledger.calibrations import TeamCalibrations


class EvidenceTokens(NamedTuple):
    """What is known of some tokens: those that are linked, and those that were split by either evidence."""

    direct: int
    repository: int
    cohort: int

    @property
    def pooled(self) -> int:
        """All that were split between several."""
        return self.repository + self.cohort

    @property
    def is_direct(self) -> bool:
        """Whether enough of the tokens are linked for a figure to stand alone."""
        return self.direct > 0 and self.direct >= RELIABLE_SHARE * (self.direct + self.pooled)


def read_evidence_tokens(rows: Iterable[Mapping[str, Any]]) -> EvidenceTokens:
    """Rows of tokens and evidence, added up."""
    return evidence_tokens(by_evidence(rows))


def evidence_tokens(totals: Mapping[str, int]) -> EvidenceTokens:
    """Tokens of every kind of evidence."""
    repository, cohort = totals["repository"], totals["cohort"]
    return EvidenceTokens(sum(totals.values()) - repository - cohort, repository, cohort)


def interval_of(reported: EvidenceTokens, pull_requests: int, calibrations: TeamCalibrations) -> Interval | None:
    """Where the truth lies, of a sum over so many pull requests; None while their team was not calibrated."""
    calibration = _calibration(reported, calibrations)
    if calibration is None or not pull_requests:
        return None
    low, high = bounds(reported.direct, reported.pooled, pull_requests, calibration)
    return Interval(low=low, high=high, coverage=COVERAGE)


def is_reliable(reported: EvidenceTokens, pull_requests: int) -> bool:
    """Whether the figure may be used alone: enough of it is linked, or it sums enough pull requests."""
    return reported.is_direct or pull_requests >= SUM_SIZE


def _calibration(reported: EvidenceTokens, calibrations: TeamCalibrations) -> Calibration | None:
    """That of the evidence by which most tokens were split."""
    return calibrations.get("repository" if reported.repository >= reported.cohort else "cohort")
