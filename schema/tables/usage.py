"""What providers' own reports tell: accounts to ask, and tokens by day and model. Never counted beside telemetry."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from schema.tables.columns import RetryColumns, created_column, organization_column, state_column, zero_column


class ProviderAccount(RetryColumns, table=True):
    """An account at a provider whose reports are pulled, from `next_day` on; its key is sealed. Dead when refused."""

    __tablename__ = "provider_account"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        Index(
            "provider_account_waiting",
            "organization_id",
            "next_attempt_at",
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    organization_id: int = organization_column()
    account_id: UUID = Field(primary_key=True)
    provider: str = Field(description="anthropic or openai")
    sealed_key: bytes = Field(sa_type=LargeBinary)
    next_day: date
    state: str = state_column("waiting")
    created_at: datetime = created_column()


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
