"""Backfills, and a step for each of their repositories."""

from datetime import datetime
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
