"""Registrations of webhooks, which workers carry out: store, find and end them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from schema.database import Tenant

# One at a time, so that a group never gets two connections.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('hooks', $1::bigint))"

_FIND = """
SELECT connection_id FROM hook_registration
 WHERE organization_id = $1 AND target = $2 AND state IN ('waiting', 'registered')
 ORDER BY created_at DESC LIMIT 1
"""

_CONNECT = """
INSERT INTO connection (organization_id, connection_id, forge, host, sealed_secret, base_url, sealed_token)
VALUES ($1, $2, 'gitlab', $3, $4, $5, $6)
"""

_ADD = """
INSERT INTO hook_registration
       (organization_id, connection_id, host, scope, target, sealed_path, webhook_url, wants_backfill)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""

_RENEW = """
UPDATE hook_registration
   SET state = 'waiting', sealed_path = $3, webhook_url = $4, sealed_token = $5, failure = NULL, attempts = 0,
       next_attempt_at = now()
 WHERE organization_id = $1 AND connection_id = $2
"""

_SHOW = """
SELECT registration.*, connection.last_delivery_at
  FROM hook_registration AS registration
  LEFT JOIN connection ON connection.organization_id = $1 AND connection.connection_id = registration.connection_id
 WHERE registration.organization_id = $1 AND ($2::uuid IS NULL OR registration.connection_id = $2)
   AND ($3::timestamptz IS NULL OR (registration.created_at, registration.connection_id) < ($3, $4))
 ORDER BY registration.created_at DESC, registration.connection_id DESC LIMIT $5
"""

_CLOSE = """
UPDATE connection SET state = 'deleted', sealed_token = CASE WHEN $3 THEN sealed_token END, sealed_secret = NULL
 WHERE organization_id = $1 AND connection_id = $2 AND installation_id IS NULL AND state <> 'deleted' RETURNING true
"""

_END = """
UPDATE hook_registration
   SET state = CASE WHEN $3 THEN 'removing' ELSE 'removed' END, sealed_path = NULL, sealed_token = NULL,
       next_attempt_at = now()
 WHERE organization_id = $1 AND connection_id = $2 AND state IN ('waiting', 'registered')
"""

_MAY_REMOVE = """
SELECT EXISTS (SELECT FROM hook_registration
                WHERE organization_id = $1 AND connection_id = $2 AND hook_number IS NOT NULL AND state = 'registered')
   AND EXISTS (SELECT FROM connection
                WHERE organization_id = $1 AND connection_id = $2 AND sealed_token IS NOT NULL)
"""


async def find_registration(tenant: Tenant, target: bytes) -> UUID | None:
    """Find the connection of a group, project or instance; locks registrations until the transaction ends."""
    await tenant.execute(_LOCK)
    found: UUID | None = await tenant.fetchval(_FIND, target)
    return found


async def add_registration(
    tenant: Tenant,
    connection_id: UUID,
    *,
    host: str,
    base_url: str | None,
    scope: str,
    target: bytes,
    webhook_url: str,
    sealed_secret: bytes,
    sealed_token: bytes,
    sealed_path: bytes | None,
    wants_backfill: bool,
) -> None:
    """Store a connection and the webhook that workers are to create."""
    await tenant.execute(_CONNECT, connection_id, host, sealed_secret, base_url, sealed_token)
    await tenant.execute(_ADD, connection_id, host, scope, target, sealed_path, webhook_url, wants_backfill)


async def renew_registration(
    tenant: Tenant,
    connection_id: UUID,
    *,
    webhook_url: str,
    sealed_token: bytes,
    sealed_path: bytes | None,
) -> None:
    """Request a repair of a webhook with another token, which replaces the present one once GitLab accepts it."""
    await tenant.execute(_RENEW, connection_id, sealed_path, webhook_url, sealed_token)


async def read_registrations(
    tenant: Tenant, *, connection_id: UUID | None = None, after: tuple[datetime, UUID] | None = None, limit: int
) -> list[Mapping[str, Any]]:
    """Return registrations, newest first."""
    rows = await tenant.fetch(_SHOW, connection_id, *(after or (None, None)), limit)
    return [dict(row) for row in rows]


async def may_remove_hook(tenant: Tenant, connection_id: UUID) -> bool:
    """Return whether workers can delete the webhook of a connection."""
    return bool(await tenant.fetchval(_MAY_REMOVE, connection_id))


async def close_connection(tenant: Tenant, connection_id: UUID, *, removes_hook: bool) -> bool:
    """Stop accepting deliveries and delete the secrets; False if there is no such connection without a GitHub App.

    With `removes_hook`, the token stays until workers have removed the webhook.
    """
    is_closed = bool(await tenant.fetchval(_CLOSE, connection_id, removes_hook))
    if is_closed:
        await tenant.execute(_END, connection_id, removes_hook)
    return is_closed
