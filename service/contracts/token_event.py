"""Normalised token events: the body of `POST /api/v1/token-events`, for sources without OTLP.

    {"items": [{"event_id": "msg_1", "occurred_at": "2026-11-22T01:45:52Z", "source": "claude-code",
                "model": "claude-sonnet-4-5", "tokens": {"input_uncached": 1200, "output_visible": 42}}]}

Names (session, commit, branch, repository) are hashed on arrival and never stored. Unknown fields are dropped.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct, field

from vocabulary.service_tiers import MAXIMUM_LENGTH
from vocabulary.tokens import MAXIMUM_TOKENS

MAXIMUM_ITEMS = 10_000
# A time outside these years would create a ledger day that never existed.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)

Count: TypeAlias = Annotated[int, Meta(ge=0, le=MAXIMUM_TOKENS)]
HourCount: TypeAlias = Annotated[
    int, Meta(ge=0, le=MAXIMUM_TOKENS, description="Part of `cache_write` that lives an hour")
]
Identifier: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
Label: TypeAlias = Annotated[str, Meta(max_length=100)]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=1000)]
Source: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,49}\Z")]
Revision: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{40,64}\Z")]
ArtifactId: TypeAlias = Annotated[str, Meta(pattern=r"^a1_[0-9a-f]{64}\Z")]
Number: TypeAlias = Annotated[int, Meta(ge=1, le=2**53)]
# No model request takes longer than a day.
LONGEST_MILLISECONDS = 86_400_000
Milliseconds: TypeAlias = Annotated[int, Meta(ge=0, le=LONGEST_MILLISECONDS)]
ServiceTier: TypeAlias = Annotated[
    str,
    Meta(
        max_length=MAXIMUM_LENGTH, description="Service tier, such as priority, flex, batch or fast; empty for standard"
    ),
]
Pieces: TypeAlias = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Instant: TypeAlias = Annotated[datetime, Meta(tz=True)]


class TokensIn(Struct, frozen=True, kw_only=True):
    """Tokens by disjoint kinds. Missing kinds are 0."""

    input_uncached: Annotated[Count, Meta(description="Input tokens neither read from nor written to a cache")] = 0
    cache_read: Annotated[Count, Meta(description="Input tokens read from a cache")] = 0
    cache_write: Annotated[Count, Meta(description="Input tokens written to a cache")] = 0
    output_visible: Annotated[Count, Meta(description="Output tokens without reasoning")] = 0
    output_reasoning: Annotated[Count, Meta(description="Output tokens of reasoning")] = 0
    cache_write_1h: HourCount = 0

    def __post_init__(self) -> None:
        """Refuse a part larger than its whole."""
        if self.cache_write_1h > self.cache_write:
            raise ValueError("has a cache_write_1h larger than cache_write, which includes it")


class TokenEventIn(Struct, frozen=True, kw_only=True):
    """One model request, or one bucket of them. It counts once per `event_id`, however often it is sent."""

    event_id: Annotated[Identifier, Meta(description="Unique id of the event, chosen by you")]
    occurred_at: Annotated[Instant, Meta(description="RFC 3339 time with a UTC offset")]
    source: Annotated[Source, Meta(description="Name of the source, such as claude-code")]
    tokens: TokensIn
    provider: Annotated[Label, Meta(description="Provider of the model, such as anthropic")] = ""
    model: Annotated[Label, Meta(description="Name of the model")] = ""
    team: (
        Annotated[Identifier, Meta(description="`team.id` or name of a team; ignored if the key is pinned to a team")]
        | None
    ) = None
    session: Annotated[Identifier, Meta(description="Id of the agent's session")] | None = None
    request_id: (
        Annotated[
            Identifier,
            Meta(description="Provider's id of the request or response; it identifies copies from other layers"),
        ]
        | None
    ) = None
    artifact_id: (
        Annotated[ArtifactId, Meta(description="Artifact id of the pull request that the tokens belong to")] | None
    ) = None
    repository: Annotated[Name, Meta(description="Repository as host/owner/name or clone URL")] | None = None
    number: Annotated[Number, Meta(description="Number of a pull request in `repository`")] | None = None
    commit: Annotated[Revision, Meta(description="Commit that the tokens contributed to")] | None = None
    branch: Annotated[Name, Meta(description="Branch that the session was on")] | None = None
    start_branch: (
        Annotated[
            Name,
            Meta(description="Branch that the session began on; it holds until the session is seen elsewhere"),
        ]
        | None
    ) = None
    workflow: Annotated[Label, Meta(description="Workflow tag")] = ""
    prompt_template: Annotated[Label, Meta(description="Version of the prompt template")] = ""
    context_tier: Annotated[Label, Meta(description="Tier of the context window")] = ""
    duration_ms: Annotated[Milliseconds, Meta(description="Duration of the request in milliseconds")] | None = None
    failed: Annotated[
        bool, Meta(description="True if the request failed; without tokens it counts as a failed request only")
    ] = False
    service_tier: ServiceTier = ""
    web_searches: Annotated[Pieces, Meta(description="Number of web searches, which are charged by piece")] = 0
    code_executions: Annotated[Pieces, Meta(description="Number of code executions, which are charged by piece")] = 0
    guardrail: Annotated[
        Literal["", "refused", "retry"], Meta(description="`refused` by a guardrail, or a `retry` after a refusal")
    ] = ""


class LeftOutIn(Struct, frozen=True, kw_only=True):
    """A row of a log that holds tokens and could not be imported. It counts as dropped once per `record_id`."""

    record_id: Annotated[Identifier, Meta(description="Unique id of the row, such as a hash of its content")]
    source: Annotated[Source, Meta(description="Name of the source, such as litellm")]
    reason: Annotated[
        Literal["unreadable", "counts", "time"], Meta(description="What is invalid: the whole row, a count or the time")
    ]
    tokens: Annotated[Count, Meta(description="Tokens of the row, if they can be seen")] = 0


class TokenEventBatch(Struct, frozen=True):
    """Token events, stored in one transaction: all or none."""

    items: Annotated[list[TokenEventIn], Meta(max_length=MAXIMUM_ITEMS)]
    left_out: Annotated[
        list[LeftOutIn],
        Meta(max_length=MAXIMUM_ITEMS, description="Rows that could not be imported; counted in coverage"),
    ] = field(default_factory=list)


class TokenEventReceipt(Struct, frozen=True):
    """The result of a bulk: `received` = `added` + `duplicates`."""

    received: Annotated[int, Meta(description="Events in the bulk")]
    added: Annotated[int, Meta(description="Events that were new")]
    duplicates: Annotated[int, Meta(description="Events that had been sent before")]
