"""What webhooks did not tell: checks at the forge that find it, deliveries that failed there, and counts of repairs."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary
from sqlmodel import Field, SQLModel

from schema.tables.columns import (
    RetryColumns,
    count_column,
    created_column,
    instant_column,
    organization_column,
    zero_column,
)


class RepairCheck(RetryColumns, table=True):
    """One kind of check of a connection, or of the App whose deliveries are those of all its installations.

    It is due at `next_attempt_at`, or at once when somebody asks. Where its hooks are at the forge is sealed: it names
    repositories and accounts.
    """

    __tablename__ = "repair_check"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        Index("repair_check_due", "organization_id", "next_attempt_at"),
    )

    organization_id: int = organization_column()
    subject_id: UUID = Field(primary_key=True, description="a connection, or the registration of an App")
    kind: str = Field(primary_key=True)
    cursor: str | None = Field(default=None, description="how far the forge's list was read")
    sealed_places: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    placed_at: datetime | None = instant_column(default=None, nullable=True, description="when hooks were looked for")
    requested_at: datetime | None = instant_column(
        default=None, nullable=True, description="when somebody asked for it"
    )
    succeeded_at: datetime | None = instant_column(default=None, nullable=True)


class RepairCount(SQLModel, table=True):
    """What checks of a kind found missing, asked for again, and saw arrive, by UTC day; `hooks` are those put right."""

    __tablename__ = "repair_count"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    subject_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    found: int = zero_column()
    asked_again: int = zero_column()
    recovered: int = zero_column()


class MissedDelivery(SQLModel, table=True):
    """A delivery of which no attempt succeeded, by its hook and GUID, until it came or the forge forgot it."""

    __tablename__ = "missed_delivery"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    subject_id: UUID = Field(primary_key=True)
    reference: str = Field(primary_key=True, description="the hook's number, or app, and the delivery's GUID")
    number: int = count_column(nullable=False, description="of its newest attempt at the forge")
    missed_at: datetime = instant_column(nullable=False, description="when it was first tried")
    found_at: datetime = created_column()
    requests: int = Field(default=0, sa_column_kwargs={"server_default": "0"}, description="how often it was asked for")
    requested_at: datetime | None = instant_column(default=None, nullable=True)
    recovered_at: datetime | None = instant_column(default=None, nullable=True)
