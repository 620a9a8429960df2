"""Accounts at providers whose usage and cost reports are pulled, as JSON. Their keys are never shown."""

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
    """An account to pull reports of; `key` is an admin key, `since` the first day wanted (else 30 days ago).

    `team` is the team whose tokens all of this account's are: of days that nothing measured they are laid into the
    ledger, marked as derived. `teams` says whose mail belongs to which team, where a report tells mails (cursor): only
    keyed hashes of the mails are kept, and looked up while a report is read. `base_url` is where the provider is asked,
    if not where it usually is; `scope` is what a github-copilot account is of: orgs/NAME or enterprises/NAME.
    """

    provider: Provider
    key: Key
    since: date | None = None
    team: TeamName | None = None
    teams: Annotated[dict[Mail, TeamName], Meta(max_length=MAXIMUM_MEMBERS)] | None = None
    base_url: Annotated[str, Meta(max_length=500)] | None = None
    scope: Annotated[str, Meta(pattern=r"^(orgs|enterprises)/[A-Za-z0-9][A-Za-z0-9-]{0,99}\Z")] | None = None


class NewKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another key of an account, and from which day to pull again; else from where it stood."""

    key: Key
    since: date | None = None


class MembersIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose mail belongs to which team, instead of what was told before."""

    teams: Annotated[dict[Mail, TeamName], Meta(max_length=MAXIMUM_MEMBERS)]


class ProviderAccountShown(Struct, frozen=True, kw_only=True):
    """An account; `state` is waiting, closed, or dead when it is asked no more, and `reason` says why and what to do.

    `members` is how many mails have a team.
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
