"""Bills reconciled with telemetry, and the cost of the ledger according to them; derived again when either changes."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from schema.tables.columns import count_column, hash_column, instant_column, organization_column, zero_column


class Reconciliation(SQLModel, table=True):
    """Telemetry and bill of one day (UTC), provider and model. Money is nano-USD.

    `other_nano_usd` is billed without tokens: credits, taxes, seats. `attributed_nano_usd` is the part of the bill in
    the ledger; the rest is for tokens that telemetry did not see.
    """

    __tablename__ = "reconciliation"

    organization_id: int = organization_column()
    day: date = Field(primary_key=True)
    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True, description="a key of schema/model_keys.py")
    seen_input_uncached: int = zero_column()
    seen_cache_read: int = zero_column()
    seen_cache_write: int = zero_column()
    seen_output: int = zero_column()
    charged_input_uncached: int = zero_column()
    charged_cache_read: int = zero_column()
    charged_cache_write: int = zero_column()
    charged_output: int = zero_column()
    covered_tokens: int = zero_column()
    telemetry_list_nano_usd: int = zero_column()
    telemetry_effective_nano_usd: int = zero_column()
    list_nano_usd: int = zero_column()
    contracted_nano_usd: int = zero_column()
    effective_nano_usd: int = zero_column()
    billed_nano_usd: int = zero_column()
    other_nano_usd: int = zero_column()
    attributed_nano_usd: int = zero_column()


class EffectivePrice(SQLModel, table=True):
    """What a provider charged for tokens of one kind in a billing period; the unit price is money over tokens."""

    __tablename__ = "effective_price"

    organization_id: int = organization_column()
    period_start: date = Field(primary_key=True)
    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    tokens: int = count_column(nullable=False)
    list_nano_usd: int = count_column(nullable=False)
    contracted_nano_usd: int = count_column(nullable=False)
    effective_nano_usd: int = count_column(nullable=False)
    billed_nano_usd: int = count_column(nullable=False)


class LedgerCost(SQLModel, table=True):
    """The rollup's rows, by provider too, and their cost: at list price, at effective price, and as billed."""

    __tablename__ = "ledger_cost"
    __table_args__ = (
        Index("ledger_cost_day", "organization_id", "day"),
        Index("ledger_cost_artifact", "organization_id", "artifact_id"),
    )

    organization_id: int = organization_column()
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    day: date = Field(primary_key=True)
    artifact_id: bytes = hash_column(primary_key=True)
    evidence: str = Field(primary_key=True)
    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    workflow: str = Field(primary_key=True)
    list_nano_usd: int = zero_column()
    effective_nano_usd: int = zero_column()
    billed_nano_usd: int = zero_column()


class ReconciledDay(SQLModel, table=True):
    """One priced team and day: the settlement that was priced, and the cost of its ledger."""

    __tablename__ = "reconciled_day"
    __table_args__ = (ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),)

    organization_id: int = organization_column()
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    day: date = Field(primary_key=True)
    settled_at: datetime | None = instant_column(default=None, nullable=True)
    list_nano_usd: int = zero_column()
    effective_nano_usd: int = zero_column()
    billed_nano_usd: int = zero_column()
