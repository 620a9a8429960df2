"""Teams synced from a forge, and changes that wait for a worker. Nothing about their members is kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, LargeBinary
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from schema.kinds import RowState
from schema.tables import columns


class TeamSync(columns.Tenant, columns.RetryColumns, table=True):
    """The team sync of a connection, due at `next_attempt_at`, and its reports: JSON with team names and counts.

    A dry run is due at `dry_run_at`, even if the sync is off.
    """

    __table_args__ = (columns.references("connection", "connection_id"),)

    connection_id: UUID = Field(primary_key=True)
    enabled: bool = columns.flag()
    left_out: list[bytes] = Field(
        sa_column=Column(ARRAY(LargeBinary), nullable=False, server_default="{}"),
        description="hashed handles of teams to skip",
    )
    requested_at: datetime | None = columns.instant(default=None, nullable=True)
    dry_run_at: datetime | None = columns.instant(default=None, nullable=True)
    succeeded_at: datetime | None = columns.instant(default=None, nullable=True)
    report: str | None = Field(default=None)
    dry_run_report: str | None = Field(default=None)


class ForgeTeam(columns.Tenant, table=True):
    """A team or group at a forge, by the hash of its number there, and the team of its members."""

    __table_args__ = (columns.references("connection", "connection_id"), columns.references("team", "team_id"))

    forge_team_id: bytes = columns.keyed_hash(primary_key=True)
    connection_id: UUID
    team_id: int = columns.count(nullable=False)


class TeamChange(columns.Tenant, columns.RetryColumns, table=True):
    """A thing that belongs to `team_id` from an instant on; deleted once a worker has recorded it.

    `subject` is a repository, or the hash of its name if it is unknown, or a code owner. Without a `team_id`, the code
    owner belongs to no team. A removal has no subject: all of `removed_team_id` goes to `team_id`.
    """

    __table_args__ = (
        columns.of_organization(),
        columns.index("team_change_waiting", "subject", where="state = 'waiting'"),
    )

    change_id: int = columns.serial_key()
    kind: str = Field(description="a TeamChangeKind")
    subject: bytes | None = columns.keyed_hash(default=None, nullable=True)
    removed_team_id: int | None = columns.count(default=None, nullable=True)
    team_id: int | None = columns.count(default=None, nullable=True)
    since: datetime = columns.instant(nullable=False)
    forge: str | None = Field(default=None, description="of an unknown repository")
    label: str | None = Field(default=None, description="its name, if labels are turned on")
    state: str = columns.state(RowState.WAITING)
    created_at: datetime = columns.created()
