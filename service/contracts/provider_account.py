"""Provider accounts, whose usage and cost reports are pulled. Their keys are never shown."""

from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from msgspec import Meta, Struct

Provider = Literal["anthropic", "openai", "cursor", "github-copilot"]
Mail: TypeAlias = Annotated[str, Meta(pattern=r"^[^@\s]{1,100}@[^@\s]{1,200}\Z")]
TeamName: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]

Key: TypeAlias = Annotated[str, Meta(pattern=r"^[\x21-\x7E]{8,500}$")]

MAXIMUM_MEMBERS = 50_000


class NewProviderAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account whose reports to pull; `key` is an admin key, `since` the first day (default: 30 days ago).

    `team` is the team that uses this account: on days without telemetry, the reported tokens enter its ledger, marked
    as derived. `teams` maps e-mail addresses to teams, for reports that contain addresses (cursor); only keyed hashes
    of them are stored. `base_url` replaces the provider's usual API. `scope` is orgs/NAME or enterprises/NAME for
    github-copilot.
    """

    provider: Provider
    key: Key
    since: date | None = None
    team: TeamName | None = None
    teams: Annotated[dict[Mail, TeamName], Meta(max_length=MAXIMUM_MEMBERS)] | None = None
    base_url: Annotated[str, Meta(max_length=500)] | None = None
    scope: Annotated[str, Meta(pattern=r"^(orgs|enterprises)/[A-Za-z0-9][A-Za-z0-9-]{0,99}\Z")] | None = None


class NewKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new key of an account, and the day to pull from again (default: continue)."""

    key: Key
    since: date | None = None


class MembersIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A map of e-mail addresses to teams; it replaces the present one."""

    teams: Annotated[dict[Mail, TeamName], Meta(max_length=MAXIMUM_MEMBERS)]


class ProviderAccountShown(Struct, frozen=True, kw_only=True):
    """An account; `state` is waiting, closed, or dead (no longer pulled). `reason` says why and what to do.

    `members` is the number of e-mail addresses with a team.
    """

    id: UUID
    provider: str
    team: str | None
    base_url: str | None
    scope: str | None
    members: int
    next_day: date
    state: str
    failure: str | None
    reason: str | None
    next_attempt_at: datetime
    created_at: datetime


class ProviderAccountList(Struct, frozen=True, kw_only=True):
    """All accounts of an organization, oldest first."""

    items: list[ProviderAccountShown]
    next_cursor: str | None = None
