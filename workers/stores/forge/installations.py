"""The state of an App installation's connection, and which of its backfills go on."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from schema.database import Tenant
from schema.encryption import Vault
from schema.failures import Failure
from workers.forge_access.errors import REFUSALS
from workers.forge_access.listed import Listed
from workers.stores.forge import backfills

FRESH = timedelta(hours=1)

# Webhooks and a browser may report it at the same time; then the row that exists is used.
_CONNECT = """
INSERT INTO connection (organization_id, connection_id, forge, host, base_url, installation_id, registration_id)
SELECT $1, $2, 'github', host, base_url, $4, registration_id
  FROM github_app WHERE organization_id = $1 AND registration_id = $3 AND state = 'registered'
    ON CONFLICT DO NOTHING RETURNING connection_id
"""

_FIND = """
SELECT connection_id FROM connection
 WHERE organization_id = $1 AND registration_id = $2 AND installation_id = $3
"""

# GitHub may report late or repeatedly; the latest report counts, and a deletion is final. The end of a suspension has
# the time of its beginning, so at equal times the end counts.
_SET_STATE = """
UPDATE connection SET state = coalesce($4, state), reported_at = $5
 WHERE organization_id = $1 AND connection_id = $2 AND installation_id = $3 AND state <> 'deleted'
   AND ($4 = 'deleted' OR reported_at IS NULL OR reported_at < $5
        OR (reported_at = $5 AND ($4 IS DISTINCT FROM 'suspended' OR state = 'suspended')))
RETURNING registration_id IS NOT NULL AND state = 'active'
"""

_SUSPEND = """
UPDATE connection SET state = 'suspended'
 WHERE organization_id = $1 AND connection_id = $2 AND state = 'active' AND reported_at IS NULL
"""

_UNDER_WAY = """
SELECT step.backfill_id, step.repository FROM backfill_step AS step
  JOIN backfill ON backfill.organization_id = $1 AND backfill.backfill_id = step.backfill_id
 WHERE step.organization_id = $1 AND step.state = 'waiting' AND backfill.connection_id = $2
   AND ($3::bytea[] IS NULL OR step.repository = ANY($3))
 ORDER BY step.backfill_id, step.repository
"""

_WAS_REFUSED = """
SELECT EXISTS (
       SELECT FROM backfill_step AS step
        WHERE step.organization_id = $1 AND step.state = 'dead' AND split_part(step.failure, ':', 1) = ANY($3::text[])
          AND step.backfill_id = (SELECT backfill_id FROM backfill
                                   WHERE organization_id = $1 AND connection_id = $2
                                   ORDER BY created_at DESC LIMIT 1))
"""

# Steps that the removal of the repository ended do not count, because it may be added again at once.
_FETCHED = f"""
SELECT DISTINCT step.repository FROM backfill_step AS step
  JOIN backfill ON backfill.organization_id = $1 AND backfill.backfill_id = step.backfill_id
 WHERE step.organization_id = $1 AND backfill.connection_id = $2 AND step.repository = ANY($3::bytea[])
   AND (step.state = 'waiting'
        OR (step.finished_at > now() - $4::interval AND step.failure IS DISTINCT FROM '{Failure.REPOSITORY_REMOVED}'))
"""  # noqa: S608 - a fixed reason

_IS_OF_APP = """
SELECT registration_id IS NOT NULL AND state = 'active' FROM connection
 WHERE organization_id = $1 AND connection_id = $2 AND installation_id = $3
"""


async def connect(tenant: Tenant, registration_id: UUID, installation_id: int) -> UUID | None:
    """Return the connection of a registered App's installation, created if missing; None without such an App.

    The backfill job starts its backfill.
    """
    made: UUID | None = await tenant.fetchval(_CONNECT, uuid4(), registration_id, installation_id)
    return made or await tenant.fetchval(_FIND, registration_id, installation_id)


async def set_state(
    tenant: Tenant, connection_id: UUID, installation_id: int, state: str | None, reported_at: datetime
) -> bool:
    """Record GitHub's report on an installation as of `reported_at`; state None only changes its permissions.

    A manually created connection has no installation and stays. Returns whether workers may now act as the
    installation.
    """
    return bool(await tenant.fetchval(_SET_STATE, connection_id, installation_id, state, reported_at))


async def suspend(tenant: Tenant, connection_id: UUID) -> None:
    """Record that the installation was already suspended, unless a webhook reported otherwise."""
    await tenant.execute(_SUSPEND, connection_id)


async def end_backfills(tenant: Tenant, connection_id: UUID) -> None:
    """Give up the backfills of a deleted installation."""
    steps = await tenant.fetch(_UNDER_WAY, connection_id, None)
    await backfills.QUEUE.give_up(tenant, [tuple(step) for step in steps], Failure.APP_UNINSTALLED)


async def leave_out(tenant: Tenant, connection_id: UUID, repositories: Sequence[bytes]) -> None:
    """Give up steps of repositories removed from the App; what is recorded about them stays."""
    steps = await tenant.fetch(_UNDER_WAY, connection_id, repositories)
    await backfills.QUEUE.give_up(tenant, [tuple(step) for step in steps], Failure.REPOSITORY_REMOVED)


async def has_access(tenant: Tenant, connection_id: UUID, installation_id: int) -> bool:
    """Return whether workers may act as this installation."""
    return bool(await tenant.fetchval(_IS_OF_APP, connection_id, installation_id))


async def repeat_backfill_if_refused(tenant: Tenant, connection_id: UUID) -> bool:
    """Repeat the last backfill after a change of permissions, if GitHub refused part of it."""
    if not await tenant.fetchval(_WAS_REFUSED, connection_id, list(REFUSALS.values())):
        return False
    await backfills.begin(tenant, connection_id)
    return True


async def fetch_repositories(
    tenant: Tenant, connection_id: UUID, names: Vault, found: Sequence[tuple[bytes, Listed]]
) -> None:
    """Start a backfill of repositories added to the App, by hash and current name.

    Those under way or fetched within `FRESH` are left out, so that a replayed delivery costs the forge little.
    """
    rows = await tenant.fetch(_FETCHED, connection_id, [repository for repository, _ in found], FRESH)
    fetched = {row["repository"] for row in rows}
    found = [each for each in found if each[0] not in fetched]
    if not found:
        return
    backfill_id = await backfills.begin_without_steps(tenant, connection_id)
    await backfills.add_repositories(tenant, backfill_id, names, found)
