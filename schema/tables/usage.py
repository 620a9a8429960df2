"""Providers' usage reports: accounts, and tokens by day and model. Never added to telemetry."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from schema.tables.columns import (
    RetryColumns,
    count_column,
    created_column,
    hash_column,
    organization_column,
    state_column,
    zero_column,
)


class ProviderAccount(RetryColumns, table=True):
    """An account at a provider, whose reports are pulled from `next_day` on. Dead once the key is refused."""

    __tablename__ = "provider_account"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        ForeignKeyConstraint(
            ["organization_id", "team_id"], ["team.organization_id", "team.team_id"], name="provider_account_team"
        ),
        Index(
            "provider_account_waiting",
            "organization_id",
            "next_attempt_at",
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    organization_id: int = organization_column()
    account_id: UUID = Field(primary_key=True)
    provider: str = Field(description="anthropic, openai, cursor or github-copilot")
    team_id: int | None = count_column(default=None, nullable=True)
    base_url: str | None = Field(default=None, description="if not the provider's usual URL")
    scope: str | None = Field(default=None, description="organization or enterprise at the provider")
    sealed_key: bytes = Field(sa_type=LargeBinary)
    next_day: date
    state: str = state_column("waiting")
    created_at: datetime = created_column()


class AccountMember(SQLModel, table=True):
    """The team of a person in an account's reports, by keyed hash; used only to read reports."""

    __tablename__ = "account_member"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "account_id"], ["provider_account.organization_id", "provider_account.account_id"]
        ),
        ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),
    )

    organization_id: int = organization_column()
    account_id: UUID = Field(primary_key=True)
    member: bytes = hash_column(primary_key=True)
    team_id: int = count_column(nullable=False)


class ProviderUsage(SQLModel, table=True):
    """Tokens of one day (UTC) and model, as the provider counted them."""

    __tablename__ = "provider_usage"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "account_id"], ["provider_account.organization_id", "provider_account.account_id"]
        ),
    )

    organization_id: int = organization_column()
    account_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    model: str = Field(primary_key=True, description="a key of schema/model_keys.py")
    input_uncached: int = zero_column()
    cache_read: int = zero_column()
    cache_write: int = zero_column()
    output: int = zero_column()


class Engagement(SQLModel, table=True):
    """Use of an assistant on one day (UTC) by model, empty if unknown.

    `active_people` counts the whole day, in the row with the empty model; null if they are too few.
    """

    __tablename__ = "engagement"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "account_id"], ["provider_account.organization_id", "provider_account.account_id"]
        ),
    )

    organization_id: int = organization_column()
    account_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    model: str = Field(primary_key=True, description="a key of schema/model_keys.py")
    interactions: int = zero_column()
    generations: int = zero_column()
    acceptances: int = zero_column()
    lines_added: int = zero_column()
    lines_deleted: int = zero_column()
    active_people: int | None = count_column(default=None, nullable=True)
