"""Connecting an installation of an App that the organization registered: once, with the backfill it begins with."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from schema.backfills import DEFAULT_SPAN, add_backfill
from schema.database import Tenant

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


async def connect_installation(tenant: Tenant, registration_id: UUID, installation_id: int) -> UUID | None:
    """The connection of an installation, made unless it was; None when there is no such App.

    Whoever makes it also begins its backfill, in the same transaction.
    """
    made: UUID | None = await tenant.fetchval(_CONNECT, uuid4(), registration_id, installation_id)
    if made is None:
        found: UUID | None = await tenant.fetchval(_FIND, registration_id, installation_id)
        return found
    since = datetime.now(UTC) - DEFAULT_SPAN
    await add_backfill(tenant, uuid4(), made, since=since, is_dry_run=False, sealed_name=None)
    return made
