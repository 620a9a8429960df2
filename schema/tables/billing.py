"""Bills of providers and their charges, with hashed accounts and without tags and resources."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Identity, Index, LargeBinary, Numeric
from sqlmodel import Field, SQLModel

from schema.tables.columns import (
    count_column,
    created_column,
    flag_column,
    hash_column,
    organization_column,
    state_column,
    zero_column,
)


class Bill(SQLModel, table=True):
    """A bill of one account for one billing period; a corrected bill replaces it.

    `bill_id` is the keyed hash of issuer, account and period; an equal `digest` means an equal bill.
    """

    __tablename__ = "bill"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    bill_id: bytes = hash_column(primary_key=True)
    period_start: date
    period_end: date = Field(description="exclusive")
    digest: bytes = Field(sa_type=LargeBinary)
    source: str = state_column("bill")  # or "provider": a provider's report, which a bill for the same days supersedes
    received_at: datetime = created_column()


class BillingCharge(SQLModel, table=True):
    """The sum of a bill's charges for the same days, model, kind and category.

    Amounts are integer nano-units of `currency`; `exchange_rate` is USD per unit of it, if known.
    """

    __tablename__ = "billing_charge"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "bill_id"], ["bill.organization_id", "bill.bill_id"]),
        Index("billing_charge_day", "organization_id", "first_day"),
    )

    organization_id: int = organization_column()
    bill_id: bytes = hash_column(primary_key=True)
    charge_id: bytes = hash_column(primary_key=True)
    first_day: date
    last_day: date
    provider: str
    model: str = Field(description="a key of schema/model_keys.py, or empty")
    kind: str
    category: str
    is_correction: bool = flag_column()
    currency: str
    exchange_rate: Decimal | None = Field(default=None, sa_column=Column(Numeric, nullable=True))
    tokens: int = count_column(nullable=False)
    list_nano: int = count_column(nullable=False)
    contracted_nano: int = count_column(nullable=False)
    effective_nano: int = count_column(nullable=False)
    billed_nano: int = count_column(nullable=False)


class StaleReconciliation(SQLModel, table=True):
    """A note that bills changed and that every day from `from_day` on must be reconciled. Deleted, never updated."""

    __tablename__ = "stale_reconciliation"

    organization_id: int = organization_column()
    note_id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    from_day: date


class OverheadMultiplier(SQLModel, table=True):
    """What running models costs an organization in addition to their bills, in millionths of the bill."""

    __tablename__ = "overhead_multiplier"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    orchestration: int = zero_column()
    observability: int = zero_column()
    power: int = zero_column()
