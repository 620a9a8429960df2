"""Details of pull requests and releases that webhooks do not have, labels and features, and summaries at the forge."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Column, LargeBinary
from sqlmodel import Field

from schema.kinds import RowState
from schema.tables import columns


class Enrichment(columns.OfArtifact, columns.RetryColumns, table=True):
    """One artifact to enrich. The sealed name is deleted when the row is done, or a day after it was given up.

    A release was compared with `base_id`: its generated notes name `noted_pull_requests` pull requests, and
    `confirmed_pull_requests` of those were found by comparing.
    """

    __table_args__ = (
        columns.references("connection", "connection_id"),
        columns.index("enrichment_waiting", "next_attempt_at", where="state = 'waiting'"),
        columns.index("enrichment_dead", "next_attempt_at", where="state = 'dead'"),
        columns.index("enrichment_base", "base_id", where="base_id IS NOT NULL"),
    )

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


class Summary(columns.OfArtifact, columns.RetryColumns, table=True):
    """The check run or note of a pull request. The row is deleted at `ends_at`, or when summaries are switched off.

    `changes` counts changes, so that a writer notices one that happened while it wrote.
    """

    __table_args__ = (
        columns.references("connection", "connection_id"),
        columns.index("summary_waiting", "next_attempt_at", where="state = 'waiting'"),
        columns.index("summary_dead", "next_attempt_at", where="state = 'dead'"),
    )

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


class Feature(columns.Tenant, table=True):
    """A feature, and the labels that map to it."""

    __table_args__ = (columns.of_organization(),)

    name: str = Field(primary_key=True)
    labels: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False))
    created_at: datetime = columns.created()


class PullRequestLabels(columns.OfArtifact, table=True):
    """All labels of a pull request as keyed hashes, at `reported_at`, the forge's time; the newest report counts."""

    labels: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False))
    reported_at: datetime = columns.instant(nullable=False)
