"""Summaries on pull requests: turn them on or off for a connection."""

from uuid import UUID

import asyncpg

from schema.database import Tenant

_ABLE = """
    SELECT forge, CASE forge WHEN 'github' THEN registration_id IS NOT NULL AND installation_id IS NOT NULL
                             ELSE sealed_token IS NOT NULL END AS is_able
    FROM connection WHERE organization_id = $1 AND connection_id = $2 AND state <> 'deleted'
    FOR UPDATE
"""

_SWITCH = """
    UPDATE connection SET summaries = $3, summaries_failure = NULL WHERE organization_id = $1 AND connection_id = $2
"""

# Retries what the forge refused: the permission may have changed since.
_TRY_AGAIN = """
    UPDATE summary SET state = 'waiting', attempts = 0, next_attempt_at = now()
    WHERE organization_id = $1 AND state <> 'processed' AND artifact_id IN (
        SELECT artifact_id FROM summary WHERE organization_id = $1 AND connection_id = $2
        ORDER BY artifact_id FOR UPDATE)
"""

_FORGET = """
    DELETE FROM summary WHERE organization_id = $1 AND artifact_id IN (
        SELECT artifact_id FROM summary WHERE organization_id = $1 AND connection_id = $2
        ORDER BY artifact_id FOR UPDATE)
"""


async def lock_for_summaries(tenant: Tenant, connection_id: UUID) -> asyncpg.Record | None:
    """Lock a connection and return `forge` and `is_able` (it can write); None if there is no such connection."""
    row: asyncpg.Record | None = await tenant.fetchrow(_ABLE, connection_id)
    return row


async def set_summaries(tenant: Tenant, connection_id: UUID, *, enabled: bool) -> None:
    """Turn summaries on, which retries refused ones, or off, which deletes their locations."""
    await tenant.execute(_SWITCH, connection_id, enabled)
    await tenant.execute(_TRY_AGAIN if enabled else _FORGET, connection_id)
