"""Rules and teams whose alerts are not sent."""

from collections.abc import Sequence
from datetime import date

import asyncpg

from schema.database import Tenant

_ADD = """
    INSERT INTO alert_mute (organization_id, kind, team_id, muted_to) VALUES ($1, $2, $3, $4) RETURNING mute_id
"""
_LIST = """
    SELECT mute_id AS id, nullif(kind, '') AS rule, team.name AS team, muted_to, mute.created_at
    FROM alert_mute AS mute
    LEFT JOIN team ON team.organization_id = $1 AND team.team_id = mute.team_id
    WHERE mute.organization_id = $1 AND ($2::bigint IS NULL OR mute_id = $2)
      AND (muted_to IS NULL OR muted_to >= (now() AT TIME ZONE 'UTC')::date)
    ORDER BY mute_id
"""
_REMOVE = "DELETE FROM alert_mute WHERE organization_id = $1 AND mute_id = $2 RETURNING 1"


async def add_mute(tenant: Tenant, rule: str, team_id: int, muted_to: date | None) -> int:
    """Store a mute; returns its id. An empty rule means all rules, team 0 all teams."""
    mute_id: int = await tenant.fetchval(_ADD, rule, team_id, muted_to)
    return mute_id


async def list_mutes(tenant: Tenant, mute_id: int | None = None) -> Sequence[asyncpg.Record]:
    """Return the mutes that are not over, oldest first, or one of them."""
    rows: Sequence[asyncpg.Record] = await tenant.fetch(_LIST, mute_id)
    return rows


async def remove_mute(tenant: Tenant, mute_id: int) -> bool:
    """Delete a mute; False if it does not exist."""
    return bool(await tenant.fetchval(_REMOVE, mute_id))
