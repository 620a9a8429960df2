"""Normalised token events: the body of `POST /api/v1/token-events`, for sources without OTLP.

    {"items": [{"event_id": "msg_1", "occurred_at": "2026-11-22T01:45:52Z", "source": "claude-code",
                "model": "claude-sonnet-4-5", "tokens": {"input_uncached": 1200, "output_visible": 42}}]}

Names (session, commit, branch, repository) are hashed on arrival and never stored. Unknown fields are dropped.
"""

from datetime import datetime
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from schema.vocabulary.service_tiers import MAXIMUM_LENGTH
from schema.vocabulary.tokens import MAXIMUM_TOKENS

MAXIMUM_ITEMS = 10_000

Count: TypeAlias = Annotated[int, Meta(ge=0, le=MAXIMUM_TOKENS)]
HourCount: TypeAlias = Annotated[
    int, Meta(ge=0, le=MAXIMUM_TOKENS, description="part of cache_write that lives an hour")
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
    str, Meta(max_length=MAXIMUM_LENGTH, description="such as priority, flex, batch or fast; empty for standard")
]
Pieces: TypeAlias = Annotated[int, Meta(ge=0, le=2**31 - 1, description="charged by piece, no tokens")]
Instant: TypeAlias = Annotated[datetime, Meta(tz=True)]


class TokensIn(Struct, frozen=True, kw_only=True):
    """Disjoint token kinds: input excludes cache, output excludes reasoning. Missing kinds are 0."""

    input_uncached: Count = 0
    cache_read: Count = 0
    cache_write: Count = 0
    output_visible: Count = 0
    output_reasoning: Count = 0
    cache_write_1h: HourCount = 0

    def __post_init__(self) -> None:
        """Refuse a part larger than its whole."""
        if self.cache_write_1h > self.cache_write:
            raise ValueError("has a cache_write_1h larger than cache_write, which includes it")


class TokenEventIn(Struct, frozen=True, kw_only=True):
    """One model request, or one bucket of them. It counts once per `event_id`, however often it is sent.

    `team` is a `team.id` or a team's name; it is ignored if the key is pinned to a team. `repository` is
    host/owner/name or a clone URL, `number` one of its pull requests, `commit` a commit that these tokens contributed
    to. `request_id` is the provider's id of the request or response; it identifies copies from other layers. A `failed`
    request without tokens counts as a failed request only.
    """

    event_id: Identifier
    occurred_at: Instant
    source: Source
    tokens: TokensIn
    provider: Label = ""
    model: Label = ""
    team: Identifier | None = None
    session: Identifier | None = None
    request_id: Identifier | None = None
    artifact_id: ArtifactId | None = None
    repository: Name | None = None
    number: Number | None = None
    commit: Revision | None = None
    branch: Name | None = None
    workflow: Label = ""
    prompt_template: Label = ""
    context_tier: Label = ""
    duration_ms: Milliseconds | None = None
    failed: bool = False
    service_tier: ServiceTier = ""
    web_searches: Pieces = 0
    code_executions: Pieces = 0


class TokenEventBatch(Struct, frozen=True):
    """Token events, stored in one transaction: all or none."""

    items: Annotated[list[TokenEventIn], Meta(max_length=MAXIMUM_ITEMS)]


class TokenEventReceipt(Struct, frozen=True):
    """The result of a bulk: `received` = `added` + `duplicates`."""

    received: int
    added: int
    duplicates: int
