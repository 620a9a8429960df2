"""The cost of pull requests: the response of `GET /api/v1/attributions`."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from service.contracts.amounts import NextCursor, TokensShown, UsdText
from service.contracts.outcomes import Outcomes
from vocabulary.intervals import Doubt


class ModelShare(Struct, frozen=True, kw_only=True):
    """Tokens and cost of one model."""

    model: Annotated[str, Meta(description="Name of the model")]
    tokens: TokensShown
    cost_usd: UsdText


class EvidenceShares(Struct, frozen=True, kw_only=True):
    """Share of the tokens by kind of evidence, between 0 and 1. The sum is 1, or 0 without tokens."""

    artifact: Annotated[float, Meta(description="Linked by an artifact id or a pull request number")]
    commit: Annotated[float, Meta(description="Linked by a commit")]
    branch: Annotated[float, Meta(description="Linked by a branch")]
    repository: Annotated[float, Meta(description="Split over the active pull requests of the repository")]
    cohort: Annotated[float, Meta(description="Split over the active pull requests of the team")]


class Interval(Struct, frozen=True, kw_only=True):
    """Bounds of the true total of tokens."""

    low: Annotated[int, Meta(description="Lower bound in tokens")]
    high: Annotated[int, Meta(description="Upper bound in tokens")]
    coverage: Annotated[
        float, Meta(description="Measured probability that the true total is within the bounds, between 0 and 1")
    ]


class AttributionShown(Struct, frozen=True, kw_only=True):
    """One pull request with everything attributed to it so far."""

    artifact_id: Annotated[str, Meta(description="Artifact id of the pull request")]
    label: Annotated[str | None, Meta(description="Display label, such as repo#123; null unless labels are turned on")]
    forge: Annotated[str, Meta(description="github or gitlab")]
    state: Annotated[str, Meta(description="open, merged or abandoned (closed without a merge)")]
    team: Annotated[str, Meta(description="Team that the pull request belongs to")]
    merged_at: Annotated[datetime | None, Meta(description="Null unless merged")]
    landed_by: Annotated[
        str | None,
        Meta(
            description="How a pull request that its forge calls closed is known to be merged: commit (its head was "
            "pushed to the base branch) or number (a pushed commit names it, which is weaker); null otherwise"
        ),
    ]
    bot: Annotated[bool, Meta(description="Whether its author is a bot")]
    tokens: TokensShown
    cost_usd: UsdText
    by_model: Annotated[list[ModelShare], Meta(description="Tokens and cost by model")]
    evidence: EvidenceShares
    interval: Annotated[Interval | None, Meta(description="Bounds of the true total of tokens; null until known")]
    reliable: Annotated[
        bool,
        Meta(
            description="False if less than 60 % of the tokens are linked by artifact, commit or branch, or the upper "
            "end of `interval` is more than twice the lower. The figure is then an estimate: read it with `interval`."
        ),
    ]
    unreliable_because: Annotated[
        list[Doubt],
        Meta(description="Why it is not reliable, most important first, as in docs/accuracy.md; empty if it is"),
    ]
    method: Annotated[str | None, Meta(description="Version of the attribution method; null until known")]
    outcomes: Outcomes


class AttributionList(Struct, frozen=True, kw_only=True):
    """Pull requests, most recently opened first."""

    items: list[AttributionShown]
    next_cursor: NextCursor
    explanation: Annotated[
        str | None, Meta(description="Why the list is empty, such as an unknown repository; null otherwise")
    ] = None
