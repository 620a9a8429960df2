"""Connections whose team sync is due, and its results."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from schema.contracts.team_sync import TeamSyncReport
from schema.database import Tenant
from schema.failures import Failure
from schema.key_ring import KeyRing
from schema.work_rows import WorkKind
from workers.forge_access.access import Access
from workers.forge_access.errors import REFUSALS
from workers.stores.forge.accesses import AccessVaults, load_access
from workers.work_queue import Retry, WorkQueue, after

# Longer than the slowest sync; afterwards another worker may claim that of a killed one.
LEASE = timedelta(minutes=15)
PAUSE = timedelta(days=1)

# Dry runs go first, because a user waits for them.
QUEUE = WorkQueue(
    WorkKind.TEAM_SYNC,
    joins=(
        "JOIN connection ON connection.organization_id = {organization}"
        " AND connection.connection_id = team_sync.connection_id"
    ),
    due=(
        "connection.state = 'active'"
        " AND (team_sync.dry_run_at <= now() OR (team_sync.enabled AND team_sync.next_attempt_at <= now()))"
    ),
    order="coalesce(team_sync.dry_run_at <= now(), false) DESC, team_sync.next_attempt_at, team_sync.connection_id",
    lease=LEASE,
    is_open="true",
    is_given_up=False,
    on_failure="requested_at = NULL",
)

_COLUMNS = """
team_sync.connection_id, coalesce(team_sync.dry_run_at <= now(), false) AS is_dry_run, team_sync.left_out,
team_sync.attempts
"""

_FINISH = QUEUE.completing(
    f"report = chosen.report, succeeded_at = now(), next_attempt_at = {after('chosen.pause')}, requested_at = NULL",
    {"report": "text", "pause": "interval"},
)

_HOLD_DRY_RUN = (
    "UPDATE team_sync SET dry_run_at = now() + $3::interval WHERE organization_id = $1 AND connection_id = $2"
)

_FINISH_DRY_RUN = """
UPDATE team_sync SET dry_run_report = $3, dry_run_at = NULL, failure = NULL
 WHERE organization_id = $1 AND connection_id = $2
"""

_FAIL_DRY_RUN = """
UPDATE team_sync SET dry_run_at = $3, failure = $4 WHERE organization_id = $1 AND connection_id = $2
"""

_REFUSED = (
    *REFUSALS.values(),
    Failure.MEMBERS_FORBIDDEN_APP,
    Failure.MEMBERS_FORBIDDEN_GITHUB,
    Failure.MEMBERS_FORBIDDEN_GITLAB,
)

_LOOK_AGAIN = """
UPDATE team_sync SET next_attempt_at = now(), attempts = 0
 WHERE organization_id = $1 AND connection_id = $2 AND split_part(failure, ':', 1) = ANY($3::text[])
"""

_LOOK_AFTER_BACKFILL = """
UPDATE team_sync SET next_attempt_at = now()
 WHERE organization_id = $1 AND enabled AND next_attempt_at > now()
   AND connection_id = (SELECT connection_id FROM backfill WHERE organization_id = $1 AND backfill_id = $2)
   AND NOT EXISTS (SELECT FROM backfill_step
                    WHERE organization_id = $1 AND backfill_id = $2 AND state = 'waiting')
RETURNING true
"""


@dataclass(frozen=True, slots=True)
class DueSync:
    """A sync leased by this worker; its access is None without a way to ask."""

    organization_id: int
    connection_id: UUID
    is_dry_run: bool
    left_out: frozenset[bytes]
    attempts: int
    access: Access | None


async def claim(tenant: Tenant, ring: KeyRing) -> DueSync | None:
    """Claim and lease the next due sync."""
    found = await QUEUE.claim(tenant, _COLUMNS, limit=1)
    if not found:
        return None
    row = found[0]
    if row["is_dry_run"]:
        await tenant.execute(_HOLD_DRY_RUN, row["connection_id"], LEASE)
    else:
        await QUEUE.hold(tenant, [(row["connection_id"],)])
    access = await load_access(tenant, AccessVaults(ring), row["connection_id"])
    return DueSync(
        organization_id=tenant.organization_id,
        connection_id=row["connection_id"],
        is_dry_run=row["is_dry_run"],
        left_out=frozenset(row["left_out"]),
        attempts=row["attempts"],
        access=access,
    )


async def finish(tenant: Tenant, due: DueSync, report: TeamSyncReport) -> None:
    """Store the report and schedule the next sync for tomorrow; a dry run only stores its report."""
    reported = msgspec.json.encode(report).decode()
    if due.is_dry_run:
        await tenant.execute(_FINISH_DRY_RUN, due.connection_id, reported)
    else:
        await QUEUE.run(tenant, _FINISH, [(due.connection_id, reported, PAUSE)])


async def defer(tenant: Tenant, due: DueSync, until: datetime, failure: str) -> None:
    """Postpone, because the forge accepts no requests before an instant."""
    if due.is_dry_run:
        await tenant.execute(_FAIL_DRY_RUN, due.connection_id, until, failure)
    else:
        await QUEUE.defer(tenant, [(due.connection_id,)], until, failure, is_attempt=True)


async def back_off(tenant: Tenant, due: DueSync, failure: str, retry: Retry) -> None:
    """Back off after a failure; a dry run is only repeated when a user starts another."""
    if due.is_dry_run:
        await tenant.execute(_FAIL_DRY_RUN, due.connection_id, None, failure)
    else:
        await QUEUE.back_off(tenant, [(due.connection_id,)], failure, retry)


async def retry_if_refused(tenant: Tenant, connection_id: UUID) -> None:
    """Make a refused sync due at once after a change of permissions; the sweep finds it."""
    await tenant.execute(_LOOK_AGAIN, connection_id, list(_REFUSED))


async def sync_after_backfill(tenant: Tenant, backfill_id: UUID) -> bool:
    """Make the sync due after the last step of a backfill, which adds repositories; return True when it is due."""
    return bool(await tenant.fetchval(_LOOK_AFTER_BACKFILL, backfill_id))
