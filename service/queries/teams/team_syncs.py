"""Team syncs: turn them on and off, request one, and list them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from schema.database import Tenant

_ABLE = """
    SELECT forge, sealed_token IS NOT NULL OR (registration_id IS NOT NULL AND installation_id IS NOT NULL) AS is_able
    FROM connection WHERE organization_id = $1 AND connection_id = $2 AND state <> 'deleted'
    FOR UPDATE
"""

_SWITCH_ON = """
    INSERT INTO team_sync AS known (organization_id, connection_id, enabled, requested_at, left_out)
    VALUES ($1, $2, true, now(), coalesce($3::bytea[], '{}'))
    ON CONFLICT (organization_id, connection_id) DO UPDATE
       SET enabled = true, requested_at = now(), next_attempt_at = now(), attempts = 0, failure = NULL,
           left_out = coalesce($3, known.left_out)
"""

_SWITCH_OFF = """
    UPDATE team_sync SET enabled = false, requested_at = NULL, failure = NULL, left_out = coalesce($3, left_out)
    WHERE organization_id = $1 AND connection_id = $2
"""

# The next sync after switching on maps the forge's teams again.
_FORGET = "DELETE FROM forge_team WHERE organization_id = $1 AND connection_id = $2"

_ASK = """
    UPDATE team_sync SET requested_at = now(), next_attempt_at = now()
    WHERE organization_id = $1 AND enabled AND ($2::uuid IS NULL OR connection_id = $2)
      AND connection_id IN (SELECT connection_id FROM connection WHERE organization_id = $1 AND state = 'active')
    RETURNING connection_id
"""

_ASK_DRY_RUN = """
    INSERT INTO team_sync AS known (organization_id, connection_id, dry_run_at)
    SELECT $1, connection_id, now() FROM connection
    WHERE organization_id = $1 AND state = 'active' AND ($2::uuid IS NULL OR connection_id = $2)
      AND (sealed_token IS NOT NULL OR (registration_id IS NOT NULL AND installation_id IS NOT NULL))
    ON CONFLICT (organization_id, connection_id) DO UPDATE SET dry_run_at = now(), dry_run_report = NULL, failure = NULL
    RETURNING connection_id
"""

_SHOW = """
    SELECT connection_id, forge, host, registration_id IS NOT NULL AS is_app, connection.state AS connection_state,
           enabled, cardinality(left_out) AS excluded, requested_at, dry_run_at, succeeded_at, next_attempt_at, failure,
           report, dry_run_report
    FROM team_sync JOIN connection USING (organization_id, connection_id)
    WHERE team_sync.organization_id = $1 AND connection.state <> 'deleted'
      AND ($2::uuid[] IS NULL OR connection_id = ANY($2))
    ORDER BY connection_id
"""


async def find_syncable(tenant: Tenant, connection_id: UUID) -> Mapping[str, Any] | None:
    """Lock a connection and return `forge` and `is_able` (workers have access); None if there is no such connection."""
    row: Mapping[str, Any] | None = await tenant.fetchrow(_ABLE, connection_id)
    return row


async def switch_on(tenant: Tenant, connection_id: UUID, excluded: Sequence[bytes] | None) -> None:
    """Turn the sync on and request the first one; None for `excluded` keeps the present exclusions."""
    await tenant.execute(_SWITCH_ON, connection_id, excluded)


async def switch_off(tenant: Tenant, connection_id: UUID, excluded: Sequence[bytes] | None) -> None:
    """Turn the sync off; teams keep their sizes and repositories."""
    await tenant.execute(_SWITCH_OFF, connection_id, excluded)
    await tenant.execute(_FORGET, connection_id)


async def request_team_sync(tenant: Tenant, connection_id: UUID | None, *, dry_run: bool) -> list[UUID]:
    """Request a sync or a dry run now; returns the connections that it covers."""
    query = _ASK_DRY_RUN if dry_run else _ASK
    return [row["connection_id"] for row in await tenant.fetch(query, connection_id)]


async def read_team_syncs(tenant: Tenant, connections: Sequence[UUID] | None = None) -> list[Mapping[str, Any]]:
    """Return the syncs of all connections, or of the given ones."""
    return [dict(row) for row in await tenant.fetch(_SHOW, connections)]
