"""What running models costs beside their tokens, and how much energy they need, as an organization sets it."""

from datetime import date, datetime

from sqlmodel import Field

from schema.tables import columns


class OwnershipFactor(columns.Tenant, table=True):
    """A factor of `part` from a UTC day on, for all spend, of one provider or of one model. Values are millionths."""

    __table_args__ = (
        columns.of_organization(),
        columns.index("ownership_factor_key", "part", "provider", "model", "first_day", unique=True),
    )

    factor_id: int = columns.serial_key()
    part: str
    provider: str = Field(description="empty for all")
    model: str = Field(description="a key of schema/vocabulary/model_keys.py; empty for all")
    first_day: date
    low: int = columns.count(nullable=False)
    value: int = columns.count(nullable=False)
    high: int = columns.count(nullable=False)
    source: str = Field(description="the document that says so, never a person")
    created_at: datetime = columns.created()
