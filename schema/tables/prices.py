"""Prices that an organization negotiated, and models whose windows must be priced again."""

from datetime import date, datetime

from sqlmodel import Field

from schema.tables import columns


class ContractPrice(columns.Tenant, table=True):
    """A price of the organization, instead of the list price, from a UTC day on.

    `pico_usd` is for a token or a piece. An empty `provider` means every provider.
    """

    __table_args__ = (
        columns.of_organization(),
        columns.index(
            *("contract_price_key", "provider", "model", "service_tier", "kind", "first_day"),
            unique=True,
        ),
    )

    price_id: int = columns.serial_key()
    provider: str
    model: str = Field(description="a key of schema/vocabulary/model_keys.py")
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
    model: str = Field(description="a key of schema/vocabulary/model_keys.py")
    first_day: date
    noted_at: datetime = columns.created()


class ListedPrice(columns.Tenant, table=True):
    """The digest of a model's list prices when its windows were last priced, to find what a new list changes."""

    __table_args__ = (columns.of_organization(),)

    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    service_tier: str = Field(primary_key=True)
    digest: bytes = columns.keyed_hash()
