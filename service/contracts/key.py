"""API keys: requests and responses. The text of a key is shown only once, in the response that creates it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from schema.contracts.values import Title


class KeyIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to create. With `team` it is pinned: it sends for that team and reads that team's figures only."""

    name: Title
    scopes: Annotated[list[Literal["intake", "read", "admin"]], Meta(min_length=1)]
    team: Title | None = None


class KeyShown(Struct, frozen=True, kw_only=True):
    """A key without its text."""

    id: UUID
    name: str
    scopes: list[str]
    team: str | None
    created_at: datetime
    revoked_at: datetime | None


class KeyMade(KeyShown, frozen=True, kw_only=True):
    """A new key with its text. Save the text: it is not stored."""

    key: str


class KeyList(Struct, frozen=True, kw_only=True):
    """Keys, including revoked ones."""

    items: list[KeyShown]
    next_cursor: str | None
