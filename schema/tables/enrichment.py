"""What is to be asked of a forge about one artifact, once it became known: a merged pull request, or a release."""

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
)


class Enrichment(RetryColumns, table=True):
    """One artifact that the forge tells more of than its webhooks do.

    Its name at the forge is sealed, and deleted when the row is done, or a day after it was given up; a row that was
    requested again since `requested_at` does not end. Of a release `base_id` is the one that it was compared with,
    `noted` how many pull requests the notes name that the forge writes, and `agreed` how many of those were found by
    comparing.
    """

    __tablename__ = "enrichment"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "connection_id"], ["connection.organization_id", "connection.connection_id"]
        ),
        Index("enrichment_waiting", "organization_id", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
        Index("enrichment_base", "organization_id", "base_id", postgresql_where=text("base_id IS NOT NULL")),
    )

    organization_id: int = organization_column()
    artifact_id: bytes = hash_column(primary_key=True)
    subject: str
    repository_id: bytes = hash_column(nullable=False)
    connection_id: UUID
    sealed_name: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    state: str = state_column(RowState.WAITING)
    requested_at: datetime = created_column()
    leased_until: datetime | None = instant_column(default=None, nullable=True, description="while a worker is at it")
    base_id: bytes | None = hash_column(default=None, nullable=True)
    noted: int | None = Field(default=None)
    agreed: int | None = Field(default=None)
    finished_at: datetime | None = instant_column(default=None, nullable=True)
