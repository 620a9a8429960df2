"""How far the figures can be trusted, as JSON."""

from datetime import date

from msgspec import Struct


class EvidenceCoverage(Struct, frozen=True, kw_only=True):
    """Which part of all settled tokens each kind of evidence placed, overhead included: sum 1."""

    artifact: float
    commit: float
    branch: float
    repository: float
    cohort: float
    overhead: float


class BasisCoverage(Struct, frozen=True, kw_only=True):
    """Which part of all tokens was measured request by request, derived from sums, or estimated from bytes: sum 1."""

    measured: float
    derived: float
    estimated: float


class IntakeLag(Struct, frozen=True, kw_only=True):
    """Seconds between a model request and its arrival, over the token events that are still kept."""

    median: float
    p90: float


class CoverageShown(Struct, frozen=True, kw_only=True):
    """Shares between 0 and 1, null where there is nothing to share out.

    `billed_share` is the share of billed tokens that telemetry saw; null without bills, and for one team, since bills
    do not tell teams apart.
    """

    first_day: date | None
    last_day: date | None
    team: str | None
    settled_tokens: int
    evidence: EvidenceCoverage | None
    basis: BasisCoverage | None
    priced_share: float | None
    billed_tokens: int | None
    billed_share: float | None
    intake_lag_seconds: IntakeLag | None
