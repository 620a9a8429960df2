"""Provider accounts, whose usage and cost reports are pulled. Their keys are never shown."""

from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from msgspec import Meta, Struct

from service.contracts.amounts import NextCursor
from service.contracts.trial import Trial

Provider = Literal["anthropic", "openai", "cursor", "github-copilot"]
Mail: TypeAlias = Annotated[str, Meta(pattern=r"^[^@\s]{1,100}@[^@\s]{1,200}\Z")]
TeamName: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]

Key: TypeAlias = Annotated[str, Meta(pattern=r"^[\x21-\x7E]{8,500}$")]

MAXIMUM_MEMBERS = 50_000


class NewProviderAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account whose reports to pull."""

    provider: Provider
    key: Annotated[Key, Meta(description="Admin key of the account; stored encrypted, never shown")]
    since: Annotated[date | None, Meta(description="First UTC day to pull (default: 30 days ago)")] = None
    team: (
        Annotated[
            TeamName,
            Meta(
                description="Team that uses this account: on days without telemetry, the reported tokens enter its "
                "ledger, marked as derived"
            ),
        ]
        | None
    ) = None
    teams: (
        Annotated[
            dict[Mail, TeamName],
            Meta(
                max_length=MAXIMUM_MEMBERS,
                description="Teams by e-mail address, for reports that contain addresses (cursor); only keyed hashes "
                "of the addresses are stored",
            ),
        ]
        | None
    ) = None
    base_url: Annotated[str, Meta(max_length=500, description="URL that replaces the provider's usual API")] | None = (
        None
    )
    scope: (
        Annotated[
            str,
            Meta(
                pattern=r"^(orgs|enterprises)/[A-Za-z0-9][A-Za-z0-9-]{0,99}\Z",
                description="orgs/NAME or enterprises/NAME; only for github-copilot",
            ),
        ]
        | None
    ) = None


class NewKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new key of an account."""

    key: Annotated[Key, Meta(description="Admin key of the account")]
    since: Annotated[date | None, Meta(description="UTC day to pull from again (default: continue)")] = None


class MembersIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A map of e-mail addresses to teams; it replaces the present one."""

    teams: Annotated[
        dict[Mail, TeamName],
        Meta(
            max_length=MAXIMUM_MEMBERS,
            description="Teams by e-mail address; only keyed hashes of the addresses are stored",
        ),
    ]


class ProviderAccountShown(Struct, frozen=True, kw_only=True):
    """An account whose reports are pulled."""

    id: UUID
    provider: str
    team: Annotated[str | None, Meta(description="Team that uses the account; null if none is set")]
    base_url: Annotated[str | None, Meta(description="Null for the provider's usual API")]
    scope: Annotated[str | None, Meta(description="Organization or enterprise at github-copilot; null otherwise")]
    members: Annotated[int, Meta(description="Number of e-mail addresses with a team")]
    next_day: Annotated[date, Meta(description="Next UTC day to pull")]
    state: Annotated[str, Meta(description="waiting, closed, or dead (no longer pulled)")]
    failure: Annotated[str | None, Meta(description="Code of the last failure; null without one")]
    reason: Annotated[str | None, Meta(description="What failed and what to do; null without a failure")]
    next_attempt_at: Annotated[datetime, Meta(description="Time of the next pull")]
    created_at: datetime
    trial: Annotated[Trial | None, Meta(description="Whether the key works; only in the response to adding it")] = None


class ProviderAccountList(Struct, frozen=True, kw_only=True):
    """All accounts of an organization, oldest first."""

    items: list[ProviderAccountShown]
    next_cursor: NextCursor = None
