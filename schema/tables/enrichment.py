"""Enrichment of merged pull requests and releases with details that webhooks do not have."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from schema.kinds import RowState
from schema.tables import columns


class Enrichment(columns.Tenant, columns.RetryColumns, table=True):
    """One artifact to enrich. The sealed name is deleted when the row is done, or a day after it was given up.

    A release was compared with `base_id`: its generated notes name `noted_pull_requests` pull requests, and
    `confirmed_pull_requests` of those were found by comparing.
    """

    __table_args__ = (
        columns.references("connection", "connection_id"),
        columns.index("enrichment_waiting", "next_attempt_at", where="state = 'waiting'"),
        columns.index("enrichment_base", "base_id", where="base_id IS NOT NULL"),
    )

    artifact_id: bytes = columns.keyed_hash(primary_key=True)
    subject: str
    repository_id: bytes = columns.keyed_hash(nullable=False)
    connection_id: UUID
    sealed_name: bytes | None = columns.sealed()
    state: str = columns.state(RowState.WAITING)
    requested_at: datetime = columns.created()
    leased_until: datetime | None = columns.instant(default=None, nullable=True)
    base_id: bytes | None = columns.keyed_hash(default=None, nullable=True)
    noted_pull_requests: int | None = Field(default=None)
    confirmed_pull_requests: int | None = Field(default=None)
    finished_at: datetime | None = columns.instant(default=None, nullable=True)
