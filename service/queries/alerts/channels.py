"""Channels that alerts are sent to."""

from collections.abc import Sequence
from datetime import date

import asyncpg

from schema.database import Tenant

_ADD = """
    INSERT INTO alert_channel (organization_id, kind, name, host, team_id, sealed_settings, digested_to)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (organization_id, name) DO NOTHING
    RETURNING channel_id
"""

# The last delivery says whether the channel works.
_LIST = """
    SELECT channel.channel_id AS id, channel.kind, channel.name, channel.host, channel.created_at, team.name AS team,
           channel.digested_to IS NOT NULL AS digest,
           sent.delivered_at, coalesce(sent.waiting, 0) AS waiting, coalesce(sent.dead, 0) AS dead, last.failure
    FROM alert_channel AS channel
    LEFT JOIN team ON team.organization_id = $1 AND team.team_id = channel.team_id
    LEFT JOIN (SELECT channel_id, max(delivered_at) AS delivered_at, max(delivery_id) AS last_id,
                      count(*) FILTER (WHERE state = 'waiting') AS waiting,
                      count(*) FILTER (WHERE state = 'dead') AS dead
               FROM alert_delivery WHERE organization_id = $1 GROUP BY channel_id) AS sent
           ON sent.channel_id = channel.channel_id
    LEFT JOIN alert_delivery AS last ON last.organization_id = $1 AND last.delivery_id = sent.last_id
    WHERE channel.organization_id = $1 AND ($2::bigint IS NULL OR channel.channel_id = $2)
    ORDER BY channel.channel_id
"""

_FORGET_DELIVERIES = "DELETE FROM alert_delivery WHERE organization_id = $1 AND channel_id = $2"
_REMOVE = "DELETE FROM alert_channel WHERE organization_id = $1 AND channel_id = $2 RETURNING 1"
_HELD = """
    SELECT kind, name, team_id, sealed_settings, digested_to FROM alert_channel
    WHERE organization_id = $1 AND channel_id = $2 FOR UPDATE
"""
_CHANGE = """
    UPDATE alert_channel SET name = $3, host = $4, team_id = $5, sealed_settings = $6, digested_to = $7
    WHERE organization_id = $1 AND channel_id = $2
      AND NOT EXISTS (SELECT 1 FROM alert_channel AS other
                      WHERE other.organization_id = $1 AND other.name = $3 AND other.channel_id <> $2)
    RETURNING 1
"""
_LOCK = "SELECT 1 FROM alert_channel WHERE organization_id = $1 AND channel_id = $2 FOR UPDATE"


async def add_channel(
    tenant: Tenant,
    *,
    kind: str,
    name: str,
    host: str,
    team_id: int,
    sealed_settings: bytes,
    digested_to: date | None = None,
) -> int | None:
    """Store a channel; returns its id, None if another one has this name. Team 0 means all alerts.

    Digests of weeks after the one that begins at `digested_to` are sent; without it, none are.
    """
    channel_id: int | None = await tenant.fetchval(_ADD, kind, name, host, team_id, sealed_settings, digested_to)
    return channel_id


async def list_channels(tenant: Tenant, channel_id: int | None = None) -> Sequence[asyncpg.Record]:
    """Return all channels, oldest first, or one of them."""
    rows: Sequence[asyncpg.Record] = await tenant.fetch(_LIST, channel_id)
    return rows


async def hold_channel(tenant: Tenant, channel_id: int) -> asyncpg.Record | None:
    """Return kind, name, team, sealed settings and last digest of a channel, locked until the transaction ends."""
    return await tenant.fetchrow(_HELD, channel_id)


async def change_channel(
    tenant: Tenant,
    channel_id: int,
    *,
    name: str,
    host: str,
    team_id: int,
    sealed_settings: bytes,
    digested_to: date | None,
) -> bool:
    """Change a held channel; False if another one has this name."""
    return bool(await tenant.fetchval(_CHANGE, channel_id, name, host, team_id, sealed_settings, digested_to))


async def remove_channel(tenant: Tenant, channel_id: int) -> bool:
    """Delete a channel, its secrets and what waits for it; False if it does not exist."""
    # Nothing is queued for it meanwhile.
    await tenant.fetchval(_LOCK, channel_id)
    await tenant.execute(_FORGET_DELIVERIES, channel_id)
    return bool(await tenant.fetchval(_REMOVE, channel_id))
