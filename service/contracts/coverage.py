"""Coverage: how far the figures can be trusted."""

from datetime import date

from msgspec import Struct


class EvidenceCoverage(Struct, frozen=True, kw_only=True):
    """Share of all settled tokens by kind of evidence, including overhead. The sum is 1."""

    artifact: float
    commit: float
    branch: float
    repository: float
    cohort: float
    overhead: float


class BasisCoverage(Struct, frozen=True, kw_only=True):
    """Share of all tokens that was measured per request, derived from totals, or estimated from bytes. The sum is 1."""

    measured: float
    derived: float
    estimated: float


class EstimatedShare(Struct, frozen=True, kw_only=True):
    """Share of all tokens that was estimated from a gateway's bytes.

    The true share lies between `low` and `high` with the probability `coverage`. `unestimated_requests` are requests
    whose input, output or both could not be estimated; these tokens are not counted.
    """

    share: float
    low: float
    high: float
    coverage: float
    unestimated_requests: int


class IntakeLag(Struct, frozen=True, kw_only=True):
    """Seconds between a model request and its arrival, over the token events that are still stored."""

    median: float
    p90: float


class ModelRequests(Struct, frozen=True, kw_only=True):
    """Requests to a model, including failed ones without tokens.

    `failed_share` covers sources that report failures or durations, `mean_latency_ms` requests with a duration,
    including failed ones; each is null without such requests. Tokens known only as totals have no requests.
    """

    model: str
    requests: int
    failed_share: float | None
    mean_latency_ms: float | None


class SupersededShown(Struct, frozen=True, kw_only=True):
    """Superseded tokens of a source, and the source that counts instead; null if your policy supersedes it."""

    counted_source: str | None
    requests: int
    tokens: int


class SourceCoverage(Struct, frozen=True, kw_only=True):
    """What counts of a source, what is superseded, and the share of its requests that another layer also reported."""

    source: str
    layer: str
    requests: int
    tokens: int
    superseded: list[SupersededShown]
    also_reported_share: float | None


class DoubleCountingShown(Struct, frozen=True, kw_only=True):
    """A source of the last two weeks whose tokens may be counted twice, and what to do."""

    source: str
    detail: str
    remedy: str


class LayerCoverage(Struct, frozen=True, kw_only=True):
    """Layers in order of priority, and their sources."""

    order: list[str]
    sources: list[SourceCoverage]
    double_counting: list[DoubleCountingShown]


class PullRequestCoverage(Struct, frozen=True, kw_only=True):
    """Merged pull requests, and the share enriched with all commits and reviews from the forge's API.

    GitHub also reports their size; GitLab does not. The others are known from webhooks or imports only; `waiting` of
    them are still to be enriched.
    """

    merged: int
    enriched_share: float | None
    waiting: int


class ReleaseCoverage(Struct, frozen=True, kw_only=True):
    """Releases by how their pull requests are known: from an import, from commits (`compared`), or by time of merge.

    `notes_agreement` is the share of pull requests in the forge's generated release notes that the commits confirm. It
    is null if the forge generates no notes, for example because the token has no write access to contents.
    """

    releases: int
    imported: int
    compared: int
    by_time: int
    waiting: int
    notes_agreement: float | None


class RepairCoverage(Struct, frozen=True, kw_only=True):
    """Connections, and those that rely on webhooks alone; `cannot` lists what is not recovered, with a remedy."""

    connections: int
    webhooks_only: int
    cannot: list[str]


class CoverageShown(Struct, frozen=True, kw_only=True):
    """Shares between 0 and 1; null if the whole is 0.

    `billed_share` is the share of billed tokens that is also measured or derived (see `basis`). It is null without
    bills, and for a single team, because bills do not name teams. `requests` are sorted by number, largest first.
    `repair` is null for keys pinned to a team.
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
