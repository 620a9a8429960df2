"""Enrichment of merged pull requests and releases with details that webhooks do not have."""

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
    """One artifact to enrich. The sealed name is deleted when the row is done, or a day after it was given up.

    A release was compared with `base_id`: its generated notes name `noted` pull requests, and `agreed` of those were
    found by comparing.
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
    leased_until: datetime | None = instant_column(default=None, nullable=True)
    base_id: bytes | None = hash_column(default=None, nullable=True)
    noted: int | None = Field(default=None)
    agreed: int | None = Field(default=None)
    finished_at: datetime | None = instant_column(default=None, nullable=True)
