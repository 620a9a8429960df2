"""Session evidence: the body of `POST /api/v1/session-evidence`, which says where agents' sessions worked.

    {"items": [{"session": "0193f8e2-7f1c", "agent": "codex", "occurred_at": "2026-11-22T01:45:52Z",
                "repository": "github.com/octo-org/octo-repo", "branch": "feature", "event": "checkout",
                "source": "hook"}]}

Names are hashed on arrival and never stored. Unknown fields are dropped.
"""

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct

from service.contracts.token_event import Identifier, Instant, Name, Number, Source

MAXIMUM_ITEMS = 10_000

# A full SHA, or at least its first seven digits.
AnyRevision: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{7,64}\Z")]


class SessionEvidenceIn(Struct, frozen=True, kw_only=True):
    """Where a session was at an instant. At least one of repository, branch, commit and pull request is needed."""

    session: Annotated[
        Identifier, Meta(description="Id of the agent's session, as its telemetry or its environment has it")
    ]
    occurred_at: Annotated[Instant, Meta(description="RFC 3339 time with a UTC offset")]
    agent: (
        Annotated[Source, Meta(description="Agent of the session, such as codex; without it, all agents are looked up")]
        | None
    ) = None
    repository: Annotated[Name, Meta(description="Repository as host/owner/name or clone URL")] | None = None
    branch: Annotated[Name, Meta(description="Branch that the session is on")] | None = None
    commit: (
        Annotated[
            AnyRevision,
            Meta(description="Commit that the session made or pushed; not read if `event` is another than these"),
        ]
        | None
    ) = None
    pull_request: (
        Annotated[Number, Meta(description="Number of the pull request that the session opened or pushed to")] | None
    ) = None
    event: (
        Annotated[
            Literal["start", "checkout", "commit", "push", "turn_end"],
            Meta(description="What the session did; `turn_end` after each answer of the agent"),
        ]
        | None
    ) = None
    source: Annotated[
        Identifier,
        Meta(
            description="How this is known: hook (of Git), plugin (of the agent), record, transcript, trailer, note, "
            "checkpoint or client; or the name of the agent that says so itself"
        ),
    ] = "client"


class SessionEvidenceBatch(Struct, frozen=True):
    """Session evidence. Each item is stored, or refused by itself."""

    items: Annotated[list[SessionEvidenceIn], Meta(max_length=MAXIMUM_ITEMS)]


class AnyItems(Struct, frozen=True):
    """A bulk whose items are not validated yet."""

    items: Annotated[list[Any], Meta(max_length=MAXIMUM_ITEMS)]


class RefusedItem(Struct, frozen=True, kw_only=True):
    """An item that was not stored."""

    index: Annotated[int, Meta(description="Position of the item in the bulk, from 0")]
    field: Annotated[str, Meta(description="Invalid part of the body")]
    reason: Annotated[str, Meta(description="What is wrong, and what to do")]


class SessionEvidenceReceipt(Struct, frozen=True, kw_only=True):
    """The result of a bulk: `received` = `added` + `duplicates` + the number of `refused` items."""

    received: Annotated[int, Meta(description="Items in the bulk")]
    added: Annotated[int, Meta(description="Items that were new")]
    duplicates: Annotated[int, Meta(description="Items that say nothing new")]
    refused: Annotated[list[RefusedItem], Meta(description="Items that were not stored; the others were")]
