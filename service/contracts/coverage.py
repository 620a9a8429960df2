"""Coverage: how far the figures can be trusted."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from service.contracts.attribution import EvidenceShares


class EvidenceCoverage(EvidenceShares, frozen=True, kw_only=True):
    """Share of all settled tokens by kind of evidence, including overhead. The sum is 1."""

    overhead: Annotated[float, Meta(description="Earned by no pull request")]


class BasisCoverage(Struct, frozen=True, kw_only=True):
    """Share of all tokens by how they were counted, between 0 and 1. The sum is 1."""

    measured: Annotated[float, Meta(description="Reported for each request")]
    derived: Annotated[float, Meta(description="Derived from totals")]
    estimated: Annotated[float, Meta(description="Estimated from bytes")]


class EstimatedShare(Struct, frozen=True, kw_only=True):
    """Share of all tokens that was estimated from a gateway's bytes."""

    share: Annotated[float, Meta(description="Estimated share, between 0 and 1")]
    low: Annotated[float, Meta(description="Lower bound of the true share")]
    high: Annotated[float, Meta(description="Upper bound of the true share")]
    coverage: Annotated[
        float, Meta(description="Probability that the true share is within the bounds, between 0 and 1")
    ]
    unestimated_requests: Annotated[
        int,
        Meta(description="Requests whose input, output or both could not be estimated; these tokens are not counted"),
    ]


class IntakeLag(Struct, frozen=True, kw_only=True):
    """Seconds between a model request and its arrival, over the token events that are still stored."""

    median: Annotated[float, Meta(description="Median in seconds")]
    p90: Annotated[float, Meta(description="90th percentile in seconds")]


class ModelRequests(Struct, frozen=True, kw_only=True):
    """Requests to a model, including failed ones without tokens. Tokens known only as totals have no requests."""

    model: Annotated[str, Meta(description="Name of the model")]
    requests: Annotated[int, Meta(description="Number of requests")]
    failed_share: Annotated[
        float | None,
        Meta(
            description="Share of failed requests, over sources that report failures or durations; null without such "
            "requests"
        ),
    ]
    mean_latency_ms: Annotated[
        float | None,
        Meta(
            description="Mean duration in milliseconds, over requests with a duration, including failed ones; null "
            "without such requests"
        ),
    ]


class UnpricedTokens(Struct, frozen=True, kw_only=True):
    """Tokens of a model and tier that the price list does not know."""

    model: Annotated[str, Meta(description="Name of the model")]
    service_tier: Annotated[str, Meta(description="Service tier, such as priority; empty for the standard tier")]
    tokens: Annotated[int, Meta(description="Sum of tokens without a price")]


class PieceCharges(Struct, frozen=True, kw_only=True):
    """What is charged by piece. It is part of the cost, and never of the tokens."""

    web_searches: Annotated[int, Meta(description="Number of web searches")]
    code_executions: Annotated[int, Meta(description="Number of code executions")]
    cost_nano_usd: Annotated[int, Meta(description="Their cost in nano-USD")]


class SupersededShown(Struct, frozen=True, kw_only=True):
    """Superseded tokens of a source."""

    counted_source: Annotated[
        str | None, Meta(description="Source that counts instead; null if your layer policy supersedes the source")
    ]
    requests: Annotated[int, Meta(description="Number of superseded requests")]
    tokens: Annotated[int, Meta(description="Sum of superseded tokens")]


class SourceCoverage(Struct, frozen=True, kw_only=True):
    """What counts of a source, and what is superseded."""

    source: Annotated[str, Meta(description="Name of the source, such as claude-code")]
    layer: Annotated[str, Meta(description="agent, gateway or provider")]
    requests: Annotated[int, Meta(description="Number of requests that count")]
    tokens: Annotated[int, Meta(description="Sum of tokens that count")]
    superseded: Annotated[
        list[SupersededShown], Meta(description="Tokens that do not count, by the source that counts instead")
    ]
    also_reported_share: Annotated[
        float | None,
        Meta(
            description="Share of the source's requests that another layer also reported, between 0 and 1; null "
            "without requests"
        ),
    ]


class DoubleCountingShown(Struct, frozen=True, kw_only=True):
    """A source of the last two weeks whose tokens may be counted twice."""

    source: Annotated[str, Meta(description="Name of the source")]
    detail: Annotated[str, Meta(description="What was found")]
    remedy: Annotated[str, Meta(description="What to do, with the command")]


class LayerCoverage(Struct, frozen=True, kw_only=True):
    """Layers and their sources."""

    order: Annotated[list[str], Meta(description="Layers, the one that counts first at the beginning")]
    sources: Annotated[list[SourceCoverage], Meta(description="Sources in the order of their layers")]
    double_counting: Annotated[
        list[DoubleCountingShown],
        Meta(description="Sources that may be counted twice; empty for keys pinned to a team"),
    ]


class DroppedRecords(Struct, frozen=True, kw_only=True):
    """Telemetry, or rows of an import or of a provider's report, that hold tokens and are not counted."""

    source: Annotated[str, Meta(description="Who sent it; empty if unknown")]
    signal: Annotated[str, Meta(description="logs, metrics, traces, import or report")]
    reason: Annotated[
        str,
        Meta(
            description="repeated: another signal reports the same tokens; no_session: metrics that cannot be compared "
            "with logs; not_read: no source reads it; unreadable: no record that can be read; counts or time: invalid"
        ),
    ]
    records: Annotated[
        int, Meta(description="Log records, spans or data points, each time that they arrived; or rows, each once")
    ]
    tokens: Annotated[int, Meta(description="Tokens of these rows, as far as they can be seen; 0 for telemetry")]
    last_day: Annotated[date, Meta(description="Last UTC day on which some arrived")]


class PullRequestCoverage(Struct, frozen=True, kw_only=True):
    """Merged pull requests, and how many were enriched with all commits and reviews from the forge's API.

    The others are known from webhooks or imports only. GitHub also reports sizes; GitLab does not.
    """

    merged: Annotated[int, Meta(description="Number of merged pull requests")]
    enriched_share: Annotated[
        float | None, Meta(description="Share of them that is enriched, between 0 and 1; null without any")
    ]
    waiting: Annotated[int, Meta(description="Number still to be enriched")]


class ReleaseCoverage(Struct, frozen=True, kw_only=True):
    """Releases by how their pull requests are known."""

    releases: Annotated[int, Meta(description="Number of releases")]
    imported: Annotated[int, Meta(description="Releases with pull requests from an import")]
    compared: Annotated[int, Meta(description="Releases with pull requests from commits")]
    by_time: Annotated[int, Meta(description="Releases with pull requests by time of merge")]
    waiting: Annotated[int, Meta(description="Releases still to be enriched")]
    notes_agreement: Annotated[
        float | None,
        Meta(
            description="Share of the pull requests in the forge's generated release notes that the commits confirm; "
            "null if the forge generates no notes, for example because the token has no write access to contents"
        ),
    ]


class LinkGapShown(Struct, frozen=True, kw_only=True):
    """What keeps tokens of an agent from being linked, or from arriving."""

    detail: Annotated[str, Meta(description="What was found")]
    remedy: Annotated[str, Meta(description="What to do, with the command or setting")]


class LinkShares(Struct, frozen=True, kw_only=True):
    """Shares of an agent's tokens by the strongest link of their session, between 0 and 1. The sum is 1."""

    artifact: Annotated[float, Meta(description="A pull request is named")]
    commit: Annotated[float, Meta(description="A commit is known")]
    branch: Annotated[float, Meta(description="A branch is known at some instant")]
    start: Annotated[float, Meta(description="Only the branch that the session began on is known")]
    none: Annotated[float, Meta(description="At most the repository is known")]


class SourceShare(Struct, frozen=True, kw_only=True):
    """Share of an agent's tokens whose session is linked by one source of evidence; a session may have several."""

    source: Annotated[
        str,
        Meta(
            description="How it is known: hook, plugin, record, resource, transcript, trailer, note, checkpoint, client"
        ),
    ]
    share: Annotated[float, Meta(description="Share of the agent's tokens, between 0 and 1")]


class AgentCoverage(Struct, frozen=True, kw_only=True):
    """How the sessions of an agent are linked, over the token events that are still stored."""

    agent: Annotated[str, Meta(description="Source of the token events, such as claude-code")]
    requests: Annotated[int, Meta(description="Number of requests")]
    tokens: Annotated[int, Meta(description="Sum of tokens")]
    linked_share: Annotated[
        float | None, Meta(description="Share of the tokens that anything but a repository links; null without tokens")
    ]
    links: Annotated[LinkShares | None, Meta(description="Shares by the strongest link; null without tokens")]
    sources: Annotated[list[SourceShare], Meta(description="Shares by source of evidence, largest first")]
    sessions: Annotated[int, Meta(description="Number of sessions")]
    sessions_without_commit: Annotated[
        int, Meta(description="Sessions of which neither a commit nor a pull request is known")
    ]
    sessions_cut_off: Annotated[
        int, Meta(description="Sessions seen at work 15 minutes or more after their last request that arrived")
    ]
    gaps: Annotated[list[LinkGapShown], Meta(description="What can be mended, most important first")]


class RepairCoverage(Struct, frozen=True, kw_only=True):
    """Connections, and what is lost if their webhooks are."""

    connections: Annotated[int, Meta(description="Number of connections")]
    webhooks_only: Annotated[int, Meta(description="Connections that rely on webhooks alone")]
    cannot: Annotated[list[str], Meta(description="What is not recovered if webhooks are lost, each with a remedy")]


class CoverageShown(Struct, frozen=True, kw_only=True):
    """How far the figures of a period can be trusted. Shares are between 0 and 1, and null if the whole is 0."""

    first_day: Annotated[date | None, Meta(description="First UTC day; null without `from`")]
    last_day: Annotated[date | None, Meta(description="Last UTC day, inclusive; null without `to`")]
    team: Annotated[str | None, Meta(description="Requested team; null for all teams")]
    settled_tokens: Annotated[int | None, Meta(description="Tokens that are settled, including overhead")]
    evidence: Annotated[
        EvidenceCoverage | None, Meta(description="Shares of the settled tokens by evidence; null without tokens")
    ]
    basis: Annotated[
        BasisCoverage | None, Meta(description="Shares of all tokens by how they were counted; null without tokens")
    ]
    estimated: Annotated[
        EstimatedShare | None, Meta(description="Estimate from a gateway's bytes; null without estimates")
    ]
    priced_share: Annotated[float | None, Meta(description="Share of the tokens that has a price")]
    unpriced: Annotated[list[UnpricedTokens], Meta(description="Tokens without a price by model, largest sum first")]
    charged_by_piece: PieceCharges | None
    billed_tokens: Annotated[int | None, Meta(description="Tokens on bills; null without bills, and for a single team")]
    billed_share: Annotated[
        float | None,
        Meta(
            description="Share of the billed tokens that is also measured or derived; null without bills, and for a "
            "single team, because bills do not name teams"
        ),
    ]
    intake_lag_seconds: Annotated[IntakeLag | None, Meta(description="How late token events arrive; null without any")]
    requests: Annotated[list[ModelRequests], Meta(description="Requests by model, largest number first")]
    layers: LayerCoverage
    dropped: Annotated[
        list[DroppedRecords],
        Meta(description="What holds tokens of any team and is not counted; empty for keys pinned to a team"),
    ]
    agents: Annotated[
        list[AgentCoverage], Meta(description="Links of each agent over the stored token events, most tokens first")
    ]
    pull_requests: PullRequestCoverage | None
    releases: ReleaseCoverage | None
    repair: Annotated[
        RepairCoverage | None, Meta(description="What is lost if webhooks are; null for keys pinned to a team")
    ]
    withheld_reason: Annotated[str | None, Meta(description="Why the figures of a small team are null")] = None
