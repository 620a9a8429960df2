"""Bills of providers (with hashed accounts, without tags and resources), their charges, and negotiated prices."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Column, LargeBinary, Numeric
from sqlmodel import Field

from schema.tables import columns


class Bill(columns.Tenant, table=True):
    """A bill of one account for one billing period; a corrected bill replaces it.

    `bill_id` is the keyed hash of issuer, account and period; an equal `digest` means an equal bill.
    """

    __table_args__ = (columns.of_organization(),)

    bill_id: bytes = columns.keyed_hash(primary_key=True)
    period_start: date
    period_end: date = Field(description="exclusive")
    digest: bytes = Field(sa_type=LargeBinary)
    source: str = columns.state("bill")  # or "provider": a provider's report, which a bill for the same days supersedes
    received_at: datetime = columns.created()


class BillingCharge(columns.Tenant, table=True):
    """The sum of a bill's charges for the same days, model, kind, service tier and category.

    Amounts are integer nano-units of `currency`; `exchange_rate` is USD per unit of it, if known.
    """

    __table_args__ = (columns.references("bill", "bill_id"), columns.index("billing_charge_day", "first_day"))

    bill_id: bytes = columns.keyed_hash(primary_key=True)
    charge_id: bytes = columns.keyed_hash(primary_key=True)
    first_day: date
    last_day: date
    provider: str
    model: str = Field(description="a key of vocabulary/model_keys.py, or empty")
    kind: str
    service_tier: str = Field(sa_column_kwargs={"server_default": ""})
    category: str
    is_correction: bool = columns.flag()
    currency: str
    exchange_rate: Decimal | None = Field(default=None, sa_column=Column(Numeric, nullable=True))
    tokens: int = columns.count(nullable=False)
    lives_an_hour: bool = columns.flag()
    pieces: int = columns.zero()
    list_nano: int = columns.count(nullable=False)
    contracted_nano: int = columns.count(nullable=False)
    effective_nano: int = columns.count(nullable=False)
    billed_nano: int = columns.count(nullable=False)


class StaleReconciliation(columns.Tenant, table=True):
    """A note that bills changed and that every day from `from_day` on must be reconciled. Deleted, never updated."""

    note_id: int = columns.serial_key()
    from_day: date


class OverheadMultiplier(columns.Tenant, table=True):
    """What running models costs an organization in addition to their bills, in millionths of the bill."""

    __table_args__ = (columns.of_organization(),)

    orchestration: int = columns.zero()
    observability: int = columns.zero()
    power: int = columns.zero()


class OwnershipFactor(columns.Tenant, table=True):
    """A factor of `part` from a UTC day on, for all spend, of one provider or of one model. Values are millionths."""

    __table_args__ = (
        columns.of_organization(),
        columns.index("ownership_factor_key", "part", "provider", "model", "first_day", unique=True),
    )

    factor_id: int = columns.serial_key()
    part: str
    provider: str = Field(description="empty for all")
    model: str = Field(description="a key of vocabulary/model_keys.py; empty for all")
    first_day: date
    low: int = columns.count(nullable=False)
    value: int = columns.count(nullable=False)
    high: int = columns.count(nullable=False)
    source: str = Field(description="the document that says so, never a person")


class ContractPrice(columns.Tenant, table=True):
    """A price of the organization, instead of the list price, from a UTC day on.

    `pico_usd` is for a token or a piece. An empty `provider` means every provider.
    """

    __table_args__ = (
        columns.of_organization(),
        columns.index(*("contract_price_key", "provider", "model", "service_tier", "kind", "first_day"), unique=True),
    )

    price_id: int = columns.serial_key()
    provider: str
    model: str = Field(description="a key of vocabulary/model_keys.py")
    service_tier: str
    kind: str = Field(description="a PriceKind")
    first_day: date
    last_day: date | None = Field(default=None, description="null until another price follows")
    pico_usd: int = columns.count(nullable=False)
    created_at: datetime = columns.created()


class StalePrice(columns.Tenant, table=True):
    """A note to price the windows of a model again, from a day on. Deleted, never updated."""

    __table_args__ = (columns.of_organization(),)

    note_id: int = columns.serial_key()
    model: str = Field(description="a key of vocabulary/model_keys.py")
    first_day: date
    noted_at: datetime = columns.created()


class ListedPrice(columns.Tenant, table=True):
    """The digest of a model's list prices when its windows were last priced, to find what a new list changes."""

    __table_args__ = (columns.of_organization(),)

    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    service_tier: str = Field(primary_key=True)
    digest: bytes = columns.keyed_hash()
