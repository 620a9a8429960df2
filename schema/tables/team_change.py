"""Changes of teams that wait for a worker."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Identity, Index, text
from sqlmodel import Field

from schema.kinds import RowState
from schema.tables.columns import (
    RetryColumns,
    count_column,
    created_column,
    hash_column,
    instant_column,
    organization_column,
    state_column,
)


class TeamChange(RetryColumns, table=True):
    """One thing that belongs to another team from an instant on, deleted once a worker has recorded it."""

    __tablename__ = "team_change"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        Index("team_change_waiting", "organization_id", "subject", postgresql_where=text("state = 'waiting'")),
    )

    organization_id: int = organization_column()
    change_id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    kind: str = Field(description="a TeamChangeKind")
    subject: bytes | None = hash_column(
        default=None, nullable=True, description="a repository, or with `forge` the hash of its name; or a code owner"
    )
    removed_team_id: int | None = count_column(default=None, nullable=True)
    team_id: int | None = count_column(default=None, nullable=True, description="null for a handle of no team")
    since: datetime = instant_column(nullable=False)
    forge: str | None = Field(default=None, description="of a repository that is not known yet")
    label: str | None = Field(default=None, description="its name, only where labels are switched on")
    state: str = state_column(RowState.WAITING)
    created_at: datetime = created_column()
