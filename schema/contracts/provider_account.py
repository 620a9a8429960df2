"""Accounts at providers whose usage and cost reports are pulled, as JSON. Their keys are never shown."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

Provider = Literal["anthropic", "openai"]


class NewProviderAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account to pull reports of; `key` is an admin key, `since` the first day wanted (else 30 days ago)."""

    provider: Provider
    key: Annotated[str, Meta(pattern=r"^[\x21-\x7E]{8,500}$")]
    since: date | None = None


class ProviderAccountShown(Struct, frozen=True, kw_only=True):
    """An account; `state` is waiting, or dead when the provider refused its key, and `failure` says why it waits."""

    id: UUID
    provider: str
    next_day: date
    state: str
    failure: str | None
    next_attempt_at: datetime
    created_at: datetime


class ProviderAccountList(Struct, frozen=True, kw_only=True):
    """All accounts of an organization, oldest first."""

    items: list[ProviderAccountShown]
    next_cursor: str | None = None
