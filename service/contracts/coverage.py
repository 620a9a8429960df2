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


class EstimatedShare(Struct, frozen=True, kw_only=True):
    """Which part of all tokens was estimated from bytes of gateways.

    The true part lies between `low` and `high` with the probability `coverage`. Of `unestimated_requests` input, output
    or both could not be estimated, and are counted nowhere.
    """

    share: float
    low: float
    high: float
    coverage: float
    unestimated_requests: int


class IntakeLag(Struct, frozen=True, kw_only=True):
    """Seconds between a model request and its arrival, over the token events that are still kept."""

    median: float
    p90: float


class ModelRequests(Struct, frozen=True, kw_only=True):
    """Requests of a model, those that failed without tokens included, and how they went.

    `failed_share` is of the requests of sources that tell failures or durations, `mean_latency_ms` of those whose
    duration is told, failed ones too; each null where none is. Tokens known only in sums belong to no request.
    """

    model: str
    requests: int
    failed_share: float | None
    mean_latency_ms: float | None


class SetAsideShown(Struct, frozen=True, kw_only=True):
    """What of a source counts nowhere, and which source counts in its place: null where the source is set aside."""

    counted_source: str | None
    requests: int
    tokens: int


class SourceCoverage(Struct, frozen=True, kw_only=True):
    """What counts of a source, what was set aside, and which share of its requests another layer told too."""

    source: str
    layer: str
    requests: int
    tokens: int
    set_aside: list[SetAsideShown]
    also_reported_share: float | None


class DoubtShown(Struct, frozen=True, kw_only=True):
    """A source of the last two weeks whose tokens may count twice, and what to do about it."""

    source: str
    detail: str
    remedy: str


class LayerCoverage(Struct, frozen=True, kw_only=True):
    """Layers in the order in which they count, and the sources seen in them."""

    order: list[str]
    sources: list[SourceCoverage]
    doubts: list[DoubtShown]


class PullRequestCoverage(Struct, frozen=True, kw_only=True):
    """Which part of merged pull requests the forge told as a whole: all commits with their times, and reviews.

    GitHub tells the size with them, GitLab tells none. The others are known by webhooks or imports alone, `waiting` of
    them until the forge is asked.
    """

    merged: int
    enriched_share: float | None
    waiting: int


class ReleaseCoverage(Struct, frozen=True, kw_only=True):
    """By what it is known which pull requests releases ship: an import, the forge's commits, or the time of merges.

    `notes_agreement` is which part of the pull requests in notes that the forge would write the commits show too; null
    where it writes none, as for a token that may not write contents.
    """

    releases: int
    imported: int
    compared: int
    by_time: int
    waiting: int
    notes_agreement: float | None


class RepairCoverage(Struct, frozen=True, kw_only=True):
    """For which connections lost webhooks are brought back; `cannot` says what is not done, and what would let it."""

    connections: int
    webhooks_only: int
    cannot: list[str]


class CoverageShown(Struct, frozen=True, kw_only=True):
    """Shares between 0 and 1, null where there is nothing to share out.

    `billed_share` is the share of billed tokens that windows hold, those derived too (see `basis`); null without bills,
    and for one team, since bills do not tell teams apart. `requests` are by model, most requests first.
    `repair` is null for keys of one team.
    """

    first_day: date | None
    last_day: date | None
    team: str | None
    settled_tokens: int
    evidence: EvidenceCoverage | None
    basis: BasisCoverage | None
    estimated: EstimatedShare | None
    priced_share: float | None
    billed_tokens: int | None
    billed_share: float | None
    intake_lag_seconds: IntakeLag | None
    requests: list[ModelRequests]
    layers: LayerCoverage
    pull_requests: PullRequestCoverage
    releases: ReleaseCoverage
    repair: RepairCoverage | None
