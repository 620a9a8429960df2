"""Providers' usage reports: accounts, and tokens by day and model. Never added to telemetry."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlmodel import Field

from schema.tables import columns


class ProviderAccount(columns.Tenant, columns.RetryColumns, table=True):
    """An account at a provider, whose reports are pulled from `next_day` on. Dead once the key is refused."""

    __table_args__ = (
        columns.of_organization(),
        columns.references("team", "team_id", name="provider_account_team"),
        columns.index("provider_account_waiting", "next_attempt_at", where="state = 'waiting'"),
    )

    account_id: UUID = Field(primary_key=True)
    provider: str = Field(description="anthropic, openai, cursor or github-copilot")
    team_id: int | None = columns.count(default=None, nullable=True)
    base_url: str | None = Field(default=None, description="if not the provider's usual URL")
    scope: str | None = Field(default=None, description="organization or enterprise at the provider")
    sealed_key: bytes = Field(sa_type=LargeBinary)
    next_day: date
    state: str = columns.state("waiting")
    created_at: datetime = columns.created()


class AccountMember(columns.Tenant, table=True):
    """The team of a person in an account's reports, by keyed hash; used only to read reports."""

    __table_args__ = (columns.references("provider_account", "account_id"), columns.references("team", "team_id"))

    account_id: UUID = Field(primary_key=True)
    member: bytes = columns.keyed_hash(primary_key=True)
    team_id: int = columns.count(nullable=False)


class ProviderUsage(columns.Tenant, table=True):
    """Tokens of one day (UTC) and model, as the provider counted them."""

    __table_args__ = (columns.references("provider_account", "account_id"),)

    account_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    model: str = Field(primary_key=True, description="a key of vocabulary/model_keys.py")
    input_uncached: int = columns.zero()
    cache_read: int = columns.zero()
    cache_write: int = columns.zero()
    output: int = columns.zero()


class Engagement(columns.Tenant, table=True):
    """Use of an assistant on one day (UTC) by model, empty if unknown.

    `active_people` counts the whole day, in the row with the empty model; null if they are too few.
    """

    __table_args__ = (columns.references("provider_account", "account_id"),)

    account_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    model: str = Field(primary_key=True, description="a key of vocabulary/model_keys.py")
    interactions: int = columns.zero()
    generations: int = columns.zero()
    acceptances: int = columns.zero()
    lines_added: int = columns.zero()
    lines_deleted: int = columns.zero()
    active_people: int | None = columns.count(default=None, nullable=True)
