"""What providers charge: bills and their charges, without accounts (only keyed hashes), tags or resources."""

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
    zero_column,
)


class Bill(SQLModel, table=True):
    """The charges of one account for one billing period; a corrected bill takes the place of the one before it.

    `bill_id` is the keyed hash of issuer, account and period; `digest` tells whether a bill is the same once more.
    """

    __tablename__ = "bill"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    bill_id: bytes = hash_column(primary_key=True)
    period_start: date
    period_end: date = Field(description="the first day that no longer belongs to it")
    digest: bytes = Field(sa_type=LargeBinary)
    source: str = Field(
        default="bill",
        sa_column_kwargs={"server_default": "bill"},
        description="bill, or provider for a report, which a bill for the same time supersedes",
    )
    received_at: datetime = created_column()


class BillingCharge(SQLModel, table=True):
    """Charges of one bill for the same days, model, kind and category, added up.

    Amounts are integer nano-units of `currency`; `exchange_rate` is what one unit of it is worth in USD, where known.
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
    model: str = Field(description="a key of schema/model_keys.py, empty for charges of no one model")
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
    """A note that bills changed: every day from this one on is to be reconciled. Taken away, never changed."""

    __tablename__ = "stale_reconciliation"

    organization_id: int = organization_column()
    note_id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    from_day: date


class OverheadMultiplier(SQLModel, table=True):
    """What running models costs an organization beside their bills, in millionths of the bill. Shown apart, always."""

    __tablename__ = "overhead_multiplier"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    orchestration: int = zero_column()
    observability: int = zero_column()
    power: int = zero_column()
