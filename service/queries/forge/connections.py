"""Connections: add and list them, and set their access tokens."""

from hmac import compare_digest
from uuid import UUID

import asyncpg

from schema.database import Tenant
from schema.encryption import Vault
from service.queries.forge.repairs import request_checks

_INSERT = """
    INSERT INTO connection (organization_id, connection_id, forge, host, sealed_secret, base_url, sealed_token)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

# Until the transaction ends, so that two requests cannot add the same token.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('connection', $1::bigint))"

_HOLDERS = """
    SELECT connection_id, sealed_token FROM connection
    WHERE organization_id = $1 AND host = $2 AND state <> 'deleted' AND sealed_token IS NOT NULL
    ORDER BY created_at, connection_id
"""

_GIVE = """
    UPDATE connection SET sealed_token = $3
    WHERE organization_id = $1 AND connection_id = $2 AND state <> 'deleted' RETURNING forge
"""

# Checks that failed with the previous token are due at once.
_REPAIR_AGAIN = """
    UPDATE repair_check SET next_attempt_at = now(), placed_at = NULL
    WHERE organization_id = $1 AND subject_id = $2 AND failure IS NOT NULL
"""

_SYNC_AGAIN = """
    UPDATE team_sync SET next_attempt_at = now(), attempts = 0
    WHERE organization_id = $1 AND connection_id = $2 AND failure IS NOT NULL
"""

_LIST = """
    SELECT connection_id, forge, host, installation_id, registration_id, state, created_at, last_delivery_at,
           sealed_token IS NOT NULL AS has_token, summaries, summaries_failure,
           EXISTS (SELECT FROM team_sync WHERE team_sync.organization_id = $1
                     AND team_sync.connection_id = connection.connection_id AND enabled) AS team_sync
    FROM connection WHERE organization_id = $1 ORDER BY created_at, connection_id
"""

_INSTALLATIONS = """
    SELECT host, state, last_delivery_at IS NOT NULL AS has_delivered, count(*) AS number
    FROM connection WHERE organization_id = $1 AND installation_id IS NOT NULL
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""

_WITHOUT_ACCESS = """
    SELECT connection_id, forge, host FROM connection
    WHERE organization_id = $1 AND state = 'active' AND sealed_token IS NULL AND registration_id IS NULL
    ORDER BY created_at, connection_id LIMIT $2
"""


async def find_same_token(tenant: Tenant, vault: Vault, host: str, sealed_token: bytes) -> UUID | None:
    """Return the connection to a host that has the same access token; locks out other additions."""
    await tenant.execute(_LOCK)
    token = vault.open(tenant.organization_id, sealed_token)
    for row in await tenant.fetch(_HOLDERS, host):
        if compare_digest(vault.open(tenant.organization_id, row["sealed_token"]), token):
            connection_id: UUID = row["connection_id"]
            return connection_id
    return None


async def add_connection(
    tenant: Tenant,
    connection_id: UUID,
    *,
    forge: str,
    host: str,
    base_url: str | None,
    sealed_secret: bytes,
    sealed_token: bytes | None,
) -> None:
    """Store a connection without a GitHub App; with a token, all checks try it."""
    await tenant.execute(_INSERT, connection_id, forge, host, sealed_secret, base_url, sealed_token)
    if sealed_token is not None:
        await request_checks(tenant, forge, connection_id)


async def give_token(tenant: Tenant, connection_id: UUID, sealed_token: bytes | None) -> bool:
    """Set or remove (None) an access token, retry what failed, and have a new token tried by all checks.

    Returns False if there is no such connection.
    """
    forge: str | None = await tenant.fetchval(_GIVE, connection_id, sealed_token)
    await tenant.execute(_REPAIR_AGAIN, connection_id)
    await tenant.execute(_SYNC_AGAIN, connection_id)
    if forge and sealed_token:
        await request_checks(tenant, forge, connection_id)
    return forge is not None


async def read_connections(tenant: Tenant) -> list[asyncpg.Record]:
    """Return all connections, oldest first, without secrets but with has_token and team_sync."""
    rows: list[asyncpg.Record] = await tenant.fetch(_LIST)
    return rows


async def count_installations(tenant: Tenant) -> list[asyncpg.Record]:
    """Count installations of GitHub Apps by host, state and has_delivered."""
    rows: list[asyncpg.Record] = await tenant.fetch(_INSTALLATIONS)
    return rows


async def read_without_access(tenant: Tenant, *, limit: int) -> list[asyncpg.Record]:
    """Return active connections without access to the forge's API, oldest first: connection_id, forge, host."""
    rows: list[asyncpg.Record] = await tenant.fetch(_WITHOUT_ACCESS, limit)
    return rows
