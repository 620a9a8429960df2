"""API keys: requests and responses. The text of a key is shown only once, in the response that creates it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from schema.contracts.values import Title
from service.contracts.amounts import NextCursor


class KeyIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to create."""

    name: Annotated[Title, Meta(description="Name that describes the use of the key")]
    scopes: Annotated[
        list[Literal["intake", "read", "audit", "admin", "owner"]],
        Meta(
            min_length=1,
            description="intake sends data, read reads figures, audit reads the audit log, admin changes settings, "
            "owner does everything; none above those of the key that creates it",
        ),
    ]
    team: (
        Annotated[
            Title,
            Meta(
                description="Team to pin the key to: it sends for that team and reads that team's figures only; null "
                "for all teams"
            ),
        ]
        | None
    ) = None
    expires_at: Annotated[datetime | None, Meta(description="When the key stops working; null for never")] = None


class KeyShown(Struct, frozen=True, kw_only=True):
    """A key without its text."""

    id: UUID
    name: str
    scopes: Annotated[list[str], Meta(description="intake, read, audit, admin or owner")]
    team: Annotated[str | None, Meta(description="Team that the key is pinned to; null for all teams")]
    created_at: datetime
    revoked_at: Annotated[datetime | None, Meta(description="Null while the key is not revoked")]
    expires_at: Annotated[datetime | None, Meta(description="When the key stops working; null for never")]
    last_used_at: Annotated[
        datetime | None, Meta(description="When the key was last used, to about a minute; null for never")
    ]


class KeyMade(KeyShown, frozen=True, kw_only=True):
    """A new key with its text."""

    key: Annotated[str, Meta(description="Text of the key; shown only once, because it is not stored")]


class KeyList(Struct, frozen=True, kw_only=True):
    """Keys, including revoked ones."""

    items: list[KeyShown]
    next_cursor: NextCursor
