"""Summaries of pull requests at their forge."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlmodel import Field

from schema.kinds import RowState
from schema.tables import columns


class Summary(columns.Tenant, columns.RetryColumns, table=True):
    """The check run or note of a pull request. The row is deleted at `ends_at`, or when summaries are switched off.

    `changes` counts changes, so that a writer notices one that happened while it wrote.
    """

    __table_args__ = (
        columns.references("connection", "connection_id"),
        columns.index("summary_waiting", "next_attempt_at", where="state = 'waiting'"),
    )

    artifact_id: bytes = columns.keyed_hash(primary_key=True)
    connection_id: UUID
    sealed_place: bytes = Field(sa_type=LargeBinary, description="repository, number and head commit at the forge")
    reported_at: datetime = columns.instant(nullable=False, description="forge time of the place")
    ends_at: datetime | None = columns.instant(default=None, nullable=True)
    sealed_remote: bytes | None = columns.sealed()
    digest: bytes | None = columns.keyed_hash(default=None, nullable=True, description="of the text written last")
    written_at: datetime | None = columns.instant(default=None, nullable=True)
    changes: int = columns.zero()
    state: str = columns.state(RowState.WAITING)
    created_at: datetime = columns.created()
