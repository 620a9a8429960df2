"""Connections whose teams are due to be counted, and what became of each."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from schema.contracts.team_sync import TeamSyncReport
from schema.database import Tenant
from workers.forges.clients import Access
from workers.stores.forge.accesses import AccessVaults, load_access

# Longer than a look takes at its slowest; after it, that of a worker that was killed is anybody's.
LEASE = timedelta(minutes=15)
PAUSE = timedelta(days=1)

# A dry run goes first: somebody waits for it.
_CLAIM = """
UPDATE team_sync AS taken
   SET dry_run_at = CASE WHEN due.is_dry_run THEN now() + $2::interval ELSE taken.dry_run_at END,
       next_attempt_at = CASE WHEN due.is_dry_run THEN taken.next_attempt_at ELSE now() + $2::interval END
  FROM (SELECT connection_id, coalesce(team_sync.dry_run_at <= now(), false) AS is_dry_run
          FROM team_sync
          JOIN connection USING (organization_id, connection_id)
         WHERE team_sync.organization_id = $1 AND connection.state = 'active'
           AND (team_sync.dry_run_at <= now() OR (team_sync.enabled AND team_sync.next_attempt_at <= now()))
         ORDER BY 2 DESC, team_sync.next_attempt_at, connection_id LIMIT 1
           FOR UPDATE OF team_sync SKIP LOCKED) AS due
 WHERE taken.organization_id = $1 AND taken.connection_id = due.connection_id
RETURNING taken.connection_id, due.is_dry_run, taken.left_out, taken.attempts
"""

_FINISH = """
UPDATE team_sync
   SET report = $3, succeeded_at = now(), next_attempt_at = now() + $4::interval, attempts = 0, failure = NULL,
       requested_at = NULL
 WHERE organization_id = $1 AND connection_id = $2
"""

_FINISH_DRY_RUN = """
UPDATE team_sync SET dry_run_report = $3, dry_run_at = NULL, failure = NULL
 WHERE organization_id = $1 AND connection_id = $2
"""

_FAIL = """
UPDATE team_sync
   SET next_attempt_at = coalesce($3, now() + $4::interval), attempts = attempts + 1, failure = $5, requested_at = NULL
 WHERE organization_id = $1 AND connection_id = $2
"""

_FAIL_DRY_RUN = """
UPDATE team_sync SET dry_run_at = $3, failure = $4 WHERE organization_id = $1 AND connection_id = $2
"""

_LOOK_AGAIN = """
UPDATE team_sync SET next_attempt_at = now(), attempts = 0
 WHERE organization_id = $1 AND connection_id = $2 AND failure LIKE 'RefusedError %'
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
    """A look that this worker has for as long as the lease lasts; its access is None when nobody can be asked."""

    organization_id: int
    connection_id: UUID
    is_dry_run: bool
    left_out: frozenset[bytes]
    attempts: int
    access: Access | None


async def claim(tenant: Tenant, master_secret: str) -> DueSync | None:
    """The next look that is due."""
    row = await tenant.fetchrow(_CLAIM, LEASE)
    if row is None:
        return None
    access = await load_access(tenant, AccessVaults(master_secret), row["connection_id"])
    return DueSync(
        organization_id=tenant.organization_id,
        connection_id=row["connection_id"],
        is_dry_run=row["is_dry_run"],
        left_out=frozenset(row["left_out"]),
        attempts=row["attempts"],
        access=access,
    )


async def finish(tenant: Tenant, due: DueSync, report: TeamSyncReport) -> None:
    """It was done, and is due again tomorrow; or it was seen what it would do."""
    reported = msgspec.json.encode(report).decode()
    if due.is_dry_run:
        await tenant.execute(_FINISH_DRY_RUN, due.connection_id, reported)
    else:
        await tenant.execute(_FINISH, due.connection_id, reported, PAUSE)


async def fail(tenant: Tenant, due: DueSync, failure: str, *, until: datetime | None, pause: timedelta) -> None:
    """It could not be done; again at an instant that the forge told, or after a pause, a dry run only when told."""
    if due.is_dry_run:
        await tenant.execute(_FAIL_DRY_RUN, due.connection_id, until, failure)
    else:
        await tenant.execute(_FAIL, due.connection_id, until, pause, failure)


async def look_again_if_refused(tenant: Tenant, connection_id: UUID) -> None:
    """With new permissions, look at once where the forge refused to tell; the sweep finds it."""
    await tenant.execute(_LOOK_AGAIN, connection_id)


async def look_after_backfill(tenant: Tenant, backfill_id: UUID) -> bool:
    """With the last step of a backfill, look at once: repositories are known now that were not. True when it is due."""
    return bool(await tenant.fetchval(_LOOK_AFTER_BACKFILL, backfill_id))
