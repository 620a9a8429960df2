"""Intervals and reliability of sums of tokens."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from service.api.amounts import by_evidence
from service.contracts.attribution import Interval
from service.queries.ledger.calibrations import TeamCalibrations
from vocabulary.intervals import COVERAGE, Calibration, Doubt, bounds
from vocabulary.reliability import doubts_of

# Nothing was measured yet of a team that is not calibrated.
UNCALIBRATED = (Doubt.EXPLORATION_ASSUMED,)


class EvidenceTokens(NamedTuple):
    """Tokens linked directly, and tokens split by repository or cohort evidence."""

    direct: int
    repository: int
    cohort: int

    @property
    def pooled(self) -> int:
        """Tokens that were split between pull requests."""
        return self.repository + self.cohort


def read_evidence_tokens(rows: Iterable[Mapping[str, Any]]) -> EvidenceTokens:
    """Sum rows of tokens and evidence."""
    return evidence_tokens(by_evidence(rows))


def evidence_tokens(totals: Mapping[str, int]) -> EvidenceTokens:
    """Group tokens by kind of evidence into linked, repository and cohort."""
    repository, cohort = totals["repository"], totals["cohort"]
    return EvidenceTokens(sum(totals.values()) - repository - cohort, repository, cohort)


def interval_of(tokens: EvidenceTokens, pull_requests: int, calibrations: TeamCalibrations) -> Interval | None:
    """Return the interval of the tokens of `pull_requests` pull requests; None until their team is calibrated."""
    calibration = _calibration(tokens, calibrations)
    if calibration is None or not pull_requests:
        return None
    low, high = bounds(tokens.direct, tokens.pooled, pull_requests, calibration)
    return Interval(low=low, high=high, coverage=COVERAGE)


def doubts_about(tokens: EvidenceTokens, pull_requests: int, calibrations: TeamCalibrations) -> list[Doubt]:
    """Return why the figure cannot stand alone, most important first; empty if it can."""
    calibration = _calibration(tokens, calibrations)
    if calibration is None:
        return list(doubts_of(tokens.direct, tokens.pooled, pull_requests, None, UNCALIBRATED))
    interval = bounds(tokens.direct, tokens.pooled, pull_requests, calibration)
    return list(doubts_of(tokens.direct, tokens.pooled, pull_requests, interval, calibration.doubts))


def _calibration(tokens: EvidenceTokens, calibrations: TeamCalibrations) -> Calibration | None:
    """Return the calibration of the evidence that split most of the tokens."""
    return calibrations.get("repository" if tokens.repository >= tokens.cohort else "cohort")
