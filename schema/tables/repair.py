"""Repairs of missed webhooks: checks at the forge, deliveries that failed there, and counts."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field

from schema.tables import columns


class RepairCheck(columns.Tenant, columns.RetryColumns, table=True):
    """A check of one kind for a connection, or for an App with all its installations; due at `next_attempt_at`.

    `sealed_places` are the places of its hooks at the forge, which name repositories and accounts.
    """

    __table_args__ = (columns.of_organization(), columns.index("repair_check_due", "next_attempt_at"))

    subject_id: UUID = Field(primary_key=True, description="a connection or an App's registration")
    kind: str = Field(primary_key=True)
    cursor: str | None = Field(default=None, description="how far the forge's list was read")
    sealed_places: bytes | None = columns.sealed()
    placed_at: datetime | None = columns.instant(default=None, nullable=True, description="when the places were found")
    requested_at: datetime | None = columns.instant(default=None, nullable=True, description="last request by a user")
    succeeded_at: datetime | None = columns.instant(default=None, nullable=True)


class RepairCount(columns.Tenant, table=True):
    """What checks of one kind found missing, requested again and recovered, by UTC day."""

    __table_args__ = (columns.of_organization(),)

    subject_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    found: int = columns.zero()
    redelivery_requests: int = columns.zero()
    recovered: int = columns.zero()


class MissedDelivery(columns.Tenant, table=True):
    """A failed delivery, kept until it arrives or the forge deletes it."""

    __table_args__ = (columns.of_organization(),)

    subject_id: UUID = Field(primary_key=True)
    reference: str = Field(primary_key=True, description="the hook's number, or app, and the delivery's GUID")
    number: int = columns.count(nullable=False, description="the forge's number of the newest attempt")
    missed_at: datetime = columns.instant(nullable=False, description="time of the first attempt")
    found_at: datetime = columns.created()
    requests: int = Field(default=0, sa_column_kwargs={"server_default": "0"}, description="requested redeliveries")
    requested_at: datetime | None = columns.instant(default=None, nullable=True)
    recovered_at: datetime | None = columns.instant(default=None, nullable=True)
