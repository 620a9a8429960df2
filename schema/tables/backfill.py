"""Backfills, and a step for each of their repositories."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from schema.kinds import BackfillStage, RowState
from schema.tables.columns import (
    RetryColumns,
    count_column,
    created_column,
    flag_column,
    hash_column,
    instant_column,
    organization_column,
    state_column,
    zero_column,
)


class Backfill(SQLModel, table=True):
    """A backfill of one connection, back to `since`; a dry run counts and fetches nothing."""

    __tablename__ = "backfill"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "connection_id"], ["connection.organization_id", "connection.connection_id"]
        ),
    )

    organization_id: int = organization_column()
    backfill_id: UUID = Field(primary_key=True)
    connection_id: UUID
    since: datetime = instant_column(nullable=False)
    is_dry_run: bool = flag_column()
    requests: int = zero_column()
    created_at: datetime = created_column()


class BackfillStep(RetryColumns, table=True):
    """One repository of a backfill, or the listing of repositories. The sealed name is deleted when the step ends."""

    __tablename__ = "backfill_step"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "backfill_id"], ["backfill.organization_id", "backfill.backfill_id"]),
        Index(
            "backfill_step_waiting", "organization_id", "next_attempt_at", postgresql_where=text("state = 'waiting'")
        ),
    )

    organization_id: int = organization_column()
    backfill_id: UUID = Field(primary_key=True)
    repository: bytes = hash_column(primary_key=True)
    sealed_name: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    stage: str = state_column(BackfillStage.LIST)
    cursor: str | None = Field(default=None, description="the forge's cursor of the next page")
    state: str = state_column(RowState.WAITING)
    leased_until: datetime | None = instant_column(default=None, nullable=True)
    expected: int | None = count_column(default=None, nullable=True)
    pull_requests: int = zero_column()
    releases: int = zero_column()
    begun_at: datetime | None = instant_column(default=None, nullable=True)
    finished_at: datetime | None = instant_column(default=None, nullable=True)
