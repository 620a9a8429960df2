"""Changes of teams that wait: claimed in the order in which they were made, and deleted once they are recorded."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from schema.database import Tenant
from schema.failures import Failure
from schema.kinds import TeamChangeKind
from schema.work_rows import WorkKind
from workers.work_queue import WAITING, Retry, WorkQueue

_EARLIER = """
SELECT 1 FROM team_change AS earlier
 WHERE earlier.organization_id = {organization} AND earlier.state = 'waiting'
   AND earlier.change_id < team_change.change_id
   AND (team_change.subject IS NULL OR earlier.subject = team_change.subject)
"""

# A change waits for the earlier ones of the same thing, and a removal for all that came before it.
QUEUE = WorkQueue(
    WorkKind.TEAM_CHANGE,
    due=f"{WAITING} AND NOT EXISTS ({_EARLIER})",
    order="team_change.change_id",
)

_COLUMNS = "change_id, kind, subject, removed_team_id, team_id, since, forge, label"

_DELETE = "DELETE FROM team_change WHERE organization_id = $1 AND change_id = $2"

# Nothing is left to sum of a team that had nothing.
_FORGET_WEEKS = "DELETE FROM stale_week WHERE organization_id = $1 AND team_id = $2"

_DELETE_TEAM = "DELETE FROM team WHERE organization_id = $1 AND team_id = $2 AND removed_at IS NOT NULL"


class TeamChange(NamedTuple):
    """A thing that belongs to a team from an instant on; see `schema.tables.team_change`."""

    change_id: int
    kind: TeamChangeKind
    subject: bytes | None
    removed_team_id: int | None
    team_id: int | None
    since: datetime
    forge: str | None
    label: str | None


async def claim(tenant: Tenant, limit: int) -> Sequence[TeamChange]:
    """The changes that are due, their rows locked until the transaction ends."""
    return [
        TeamChange(**{**row, "kind": TeamChangeKind(row["kind"])})
        for row in await QUEUE.claim(tenant, _COLUMNS, limit=limit)
    ]


async def delete(tenant: Tenant, change: TeamChange) -> None:
    """Delete a change that was recorded."""
    await tenant.execute(_DELETE, change.change_id)


async def back_off(tenant: Tenant, change: TeamChange, failure: Failure, retry: Retry) -> None:
    """Try again later, or never again once the limit is reached."""
    await QUEUE.back_off(tenant, [(change.change_id,)], failure, retry)


async def delete_team(tenant: Tenant, team_id: int) -> None:
    """Delete a removed team; raises ForeignKeyViolationError where something was spent or merged in its name."""
    await tenant.execute(_FORGET_WEEKS, team_id)
    await tenant.execute(_DELETE_TEAM, team_id)
