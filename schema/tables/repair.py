"""Repairs of missed webhooks: checks at the forge, deliveries that failed there, and counts."""

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
    """A check of one kind for a connection, or for an App with all its installations; due at `next_attempt_at`.

    `sealed_places` are the places of its hooks at the forge, which name repositories and accounts.
    """

    __tablename__ = "repair_check"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        Index("repair_check_due", "organization_id", "next_attempt_at"),
    )

    organization_id: int = organization_column()
    subject_id: UUID = Field(primary_key=True, description="a connection or an App's registration")
    kind: str = Field(primary_key=True)
    cursor: str | None = Field(default=None, description="how far the forge's list was read")
    sealed_places: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    placed_at: datetime | None = instant_column(default=None, nullable=True, description="when the places were found")
    requested_at: datetime | None = instant_column(default=None, nullable=True, description="last request by a user")
    succeeded_at: datetime | None = instant_column(default=None, nullable=True)


class RepairCount(SQLModel, table=True):
    """What checks of one kind found missing, requested again and recovered, by UTC day."""

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
    """A failed delivery, kept until it arrives or the forge deletes it."""

    __tablename__ = "missed_delivery"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    subject_id: UUID = Field(primary_key=True)
    reference: str = Field(primary_key=True, description="the hook's number, or app, and the delivery's GUID")
    number: int = count_column(nullable=False, description="the forge's number of the newest attempt")
    missed_at: datetime = instant_column(nullable=False, description="time of the first attempt")
    found_at: datetime = created_column()
    requests: int = Field(default=0, sa_column_kwargs={"server_default": "0"}, description="requested redeliveries")
    requested_at: datetime | None = instant_column(default=None, nullable=True)
    recovered_at: datetime | None = instant_column(default=None, nullable=True)
