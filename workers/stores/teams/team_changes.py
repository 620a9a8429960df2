"""Waiting changes of teams: claimed in the order they were made, and deleted once recorded."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from schema.database import Tenant
from schema.kinds import TeamChangeKind
from schema.work_rows import WorkKind
from workers.work_queue import WAITING, Retry, WorkQueue

_EARLIER = """
SELECT 1 FROM team_change AS earlier
 WHERE earlier.organization_id = {organization} AND earlier.state = 'waiting'
   AND earlier.change_id < team_change.change_id
   AND (team_change.subject IS NULL OR earlier.subject = team_change.subject)
"""

# A change waits for earlier ones of the same subject, and a removal for all before it.
QUEUE = WorkQueue(
    WorkKind.TEAM_CHANGE,
    due=f"{WAITING} AND NOT EXISTS ({_EARLIER})",
    order="team_change.change_id",
)

_COLUMNS = "change_id, kind, subject, removed_team_id, team_id, since, forge, label"

_DELETE = "DELETE FROM team_change WHERE organization_id = $1 AND change_id = $2"

# A team without anything has no weeks to sum.
_FORGET_WEEKS = "DELETE FROM stale_week WHERE organization_id = $1 AND team_id = $2"

_DELETE_TEAM = "DELETE FROM team WHERE organization_id = $1 AND team_id = $2 AND removed_at IS NOT NULL"


class TeamChange(NamedTuple):
    """A change of what belongs to a team from an instant on; see `schema.tables.team_changes`."""

    change_id: int
    kind: TeamChangeKind
    subject: bytes | None
    removed_team_id: int | None
    team_id: int | None
    since: datetime
    forge: str | None
    label: str | None


async def claim(tenant: Tenant, limit: int) -> Sequence[TeamChange]:
    """Claim due changes, locked until the transaction ends."""
    return [
        TeamChange(**{**row, "kind": TeamChangeKind(row["kind"])})
        for row in await QUEUE.claim(tenant, _COLUMNS, limit=limit)
    ]


async def delete(tenant: Tenant, change: TeamChange) -> None:
    """Delete a recorded change."""
    await tenant.execute(_DELETE, change.change_id)


async def back_off(tenant: Tenant, change: TeamChange, failure: str, retry: Retry) -> None:
    """Record a failed attempt: retry later, or give up once the limit is reached."""
    await QUEUE.back_off(tenant, [(change.change_id,)], failure, retry)


async def delete_team(tenant: Tenant, team_id: int) -> None:
    """Delete a removed team; raises ForeignKeyViolationError if it has tokens or merges."""
    await tenant.execute(_FORGET_WEEKS, team_id)
    await tenant.execute(_DELETE_TEAM, team_id)
