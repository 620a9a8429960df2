"""Changes of teams that wait for a worker."""

from datetime import datetime

from sqlmodel import Field

from schema.kinds import RowState
from schema.tables import columns


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
