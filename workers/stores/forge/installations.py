"""What becomes of an App's installation: its connection's state, and what of its backfills still makes sense."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from schema.database import Tenant
from schema.encryption import Vault
from schema.failures import Failure
from workers.forge_access.errors import REFUSALS
from workers.forge_access.listed import Listed
from workers.stores.forge import backfills

# Webhooks and a browser may tell of it at once; then the row that won is the one to use.
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

# GitHub may tell late or again; what it told last stands, and nothing comes after the end. The end of a suspension
# bears the time of its beginning, so of both at one time the end stands.
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
        WHERE step.organization_id = $1 AND step.state = 'dead' AND step.failure = ANY($3::text[])
          AND step.backfill_id = (SELECT backfill_id FROM backfill
                                   WHERE organization_id = $1 AND connection_id = $2
                                   ORDER BY created_at DESC LIMIT 1))
"""

_IS_OF_APP = """
SELECT registration_id IS NOT NULL AND state = 'active' FROM connection
 WHERE organization_id = $1 AND connection_id = $2 AND installation_id = $3
"""


async def connect(tenant: Tenant, registration_id: UUID, installation_id: int) -> UUID | None:
    """Return the connection of a registered App's installation, created if missing; None when there is no such App.

    The backfill job begins its backfill.
    """
    made: UUID | None = await tenant.fetchval(_CONNECT, uuid4(), registration_id, installation_id)
    return made or await tenant.fetchval(_FIND, registration_id, installation_id)


async def set_state(
    tenant: Tenant, connection_id: UUID, installation_id: int, state: str | None, reported_at: datetime
) -> bool:
    """What GitHub says of an installation as of `reported_at`; None changes its permissions alone.

    A connection made by hand has no installation and stays. Returns whether workers may ask GitHub as it now.
    """
    return bool(await tenant.fetchval(_SET_STATE, connection_id, installation_id, state, reported_at))


async def suspend(tenant: Tenant, connection_id: UUID) -> None:
    """It was suspended when it was met, and no webhook has told better."""
    await tenant.execute(_SUSPEND, connection_id)


async def end_backfills(tenant: Tenant, connection_id: UUID) -> None:
    """Nothing more can be fetched as an installation that is gone."""
    steps = await tenant.fetch(_UNDER_WAY, connection_id, None)
    await backfills.QUEUE.give_up(tenant, [tuple(step) for step in steps], Failure.APP_UNINSTALLED)


async def leave_out(tenant: Tenant, connection_id: UUID, repositories: Sequence[bytes]) -> None:
    """Nothing more is fetched of repositories that were taken from the App; what is known of them stays."""
    steps = await tenant.fetch(_UNDER_WAY, connection_id, repositories)
    await backfills.QUEUE.give_up(tenant, [tuple(step) for step in steps], Failure.REPOSITORY_REMOVED)


async def may_ask(tenant: Tenant, connection_id: UUID, installation_id: int) -> bool:
    """Whether workers may ask GitHub as this installation."""
    return bool(await tenant.fetchval(_IS_OF_APP, connection_id, installation_id))


async def fetch_again_if_refused(tenant: Tenant, connection_id: UUID) -> bool:
    """With new permissions, begin the last backfill anew where GitHub refused a part of it."""
    if not await tenant.fetchval(_WAS_REFUSED, connection_id, list(REFUSALS.values())):
        return False
    await backfills.begin(tenant, connection_id)
    return True


async def fetch_repositories(
    tenant: Tenant, connection_id: UUID, names: Vault, found: Sequence[tuple[bytes, Listed]]
) -> None:
    """A backfill of repositories that were given to the App, by their hash and what they are called now."""
    backfill_id = await backfills.begin_without_steps(tenant, connection_id)
    await backfills.add_repositories(tenant, backfill_id, names, found)
