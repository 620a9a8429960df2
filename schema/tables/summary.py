"""Summaries of pull requests at their forge."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, text
from sqlmodel import Field

from schema.kinds import RowState
from schema.tables.columns import (
    RetryColumns,
    created_column,
    hash_column,
    instant_column,
    organization_column,
    state_column,
    zero_column,
)


class Summary(RetryColumns, table=True):
    """The check run or note of a pull request. The row is deleted at `ends_at`, or when summaries are switched off.

    `changes` counts changes, so that a writer notices one that happened while it wrote.
    """

    __tablename__ = "summary"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "connection_id"], ["connection.organization_id", "connection.connection_id"]
        ),
        Index("summary_waiting", "organization_id", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
    )

    organization_id: int = organization_column()
    artifact_id: bytes = hash_column(primary_key=True)
    connection_id: UUID
    sealed_place: bytes = Field(sa_type=LargeBinary, description="repository, number and head commit at the forge")
    reported_at: datetime = instant_column(nullable=False, description="forge time of the place")
    ends_at: datetime | None = instant_column(default=None, nullable=True)
    sealed_remote: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    digest: bytes | None = hash_column(default=None, nullable=True, description="of the text written last")
    written_at: datetime | None = instant_column(default=None, nullable=True)
    changes: int = zero_column()
    state: str = state_column(RowState.WAITING)
    created_at: datetime = created_column()
