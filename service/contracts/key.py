"""API keys as JSON. The text of a key is shown once, in the answer that makes it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from schema.contracts.values import Title


class KeyIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to make. `team` pins it: what it sends counts for that team, and what it reads is that team's."""

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
    """A new key with its text; keep it, it is not stored."""

    key: str


class KeyList(Struct, frozen=True, kw_only=True):
    """Keys, revoked ones too."""

    items: list[KeyShown]
    next_cursor: str | None
