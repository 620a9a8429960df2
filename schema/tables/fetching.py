"""What is fetched from forges beside webhooks: backfills with a step per repository, and repairs of missed webhooks."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field

from schema.kinds import BackfillStage, RowState
from schema.tables import columns


class Backfill(columns.Tenant, table=True):
    """A backfill of one connection, back to `since`; a dry run counts and fetches nothing."""

    __table_args__ = (columns.references("connection", "connection_id"),)

    backfill_id: UUID = Field(primary_key=True)
    connection_id: UUID
    since: datetime = columns.instant(nullable=False)
    is_dry_run: bool = columns.flag()
    requests: int = columns.zero()
    created_at: datetime = columns.created()


class BackfillStep(columns.Tenant, columns.RetryColumns, table=True):
    """One repository of a backfill, or the listing of repositories. The sealed name is deleted when the step ends."""

    __table_args__ = (
        columns.references("backfill", "backfill_id"),
        columns.index("backfill_step_waiting", "next_attempt_at", where="state = 'waiting'"),
        columns.index("backfill_step_dead", "next_attempt_at", where="state = 'dead'"),
    )

    backfill_id: UUID = Field(primary_key=True)
    repository: bytes = columns.keyed_hash(primary_key=True)
    sealed_name: bytes | None = columns.sealed()
    stage: str = columns.state(BackfillStage.LIST)
    cursor: str | None = Field(default=None, description="the forge's cursor of the next page")
    state: str = columns.state(RowState.WAITING)
    leased_until: datetime | None = columns.instant(default=None, nullable=True)
    expected: int | None = columns.count(default=None, nullable=True)
    pull_requests: int = columns.zero()
    releases: int = columns.zero()
    begun_at: datetime | None = columns.instant(default=None, nullable=True)
    finished_at: datetime | None = columns.instant(default=None, nullable=True)


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
