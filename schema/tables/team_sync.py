"""Teams counted at a forge, where a connection has that switched on. Of their members nothing is kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, ForeignKeyConstraint, LargeBinary
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from schema.tables.columns import (
    RetryColumns,
    count_column,
    flag_column,
    hash_column,
    instant_column,
    organization_column,
)


class TeamSync(RetryColumns, table=True):
    """Whether a connection's teams are counted, due at `next_attempt_at`, and what came of it.

    A dry run is due at `dry_run_at`, also where the sync itself is off. Reports are JSON: names of teams, and counts.
    """

    __tablename__ = "team_sync"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "connection_id"], ["connection.organization_id", "connection.connection_id"]
        ),
    )

    organization_id: int = organization_column()
    connection_id: UUID = Field(primary_key=True)
    enabled: bool = flag_column()
    left_out: list[bytes] = Field(
        sa_column=Column(ARRAY(LargeBinary), nullable=False, server_default="{}"),
        description="hashed handles of teams that mean none",
    )
    requested_at: datetime | None = instant_column(
        default=None, nullable=True, description="when somebody asked for it"
    )
    dry_run_at: datetime | None = instant_column(default=None, nullable=True)
    succeeded_at: datetime | None = instant_column(default=None, nullable=True)
    report: str | None = Field(default=None, description="what the last one changed")
    dry_run_report: str | None = Field(default=None, description="what the last dry run would have changed")


class ForgeTeam(SQLModel, table=True):
    """A team or group at a forge, as a keyed hash of its number there, and the team that its members count to."""

    __tablename__ = "forge_team"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "connection_id"], ["connection.organization_id", "connection.connection_id"]
        ),
        ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),
    )

    organization_id: int = organization_column()
    forge_team_id: bytes = hash_column(primary_key=True)
    connection_id: UUID
    team_id: int = count_column(nullable=False)
