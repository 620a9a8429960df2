"""What was sent to channels of alerts, and what is queued from here: tests, and answers to alerts."""

from collections.abc import Sequence
from datetime import date

import asyncpg

from schema.database import Tenant

# Receivers that follow the state of an alert; a chat gets only what somebody should look at.
FOLLOWING = ("pagerduty", "webhook")

_TEST = """
    INSERT INTO alert_delivery (organization_id, channel_id, event)
    SELECT $1, channel_id, 'test' FROM alert_channel WHERE organization_id = $1 AND channel_id = $2
    RETURNING delivery_id
"""

_DIGEST = """
    INSERT INTO alert_delivery (organization_id, channel_id, event, week)
    SELECT $1, channel_id, 'digest', $3::date FROM alert_channel WHERE organization_id = $1 AND channel_id = $2
    RETURNING delivery_id
"""

_FOLLOW = """
    INSERT INTO alert_delivery (organization_id, channel_id, alert_id, event)
    SELECT $1, channel_id, $2::bigint, $3::text
    FROM alert_channel
    WHERE organization_id = $1 AND kind = ANY($4::text[])
      AND channel_id IN (SELECT channel_id FROM alert_delivery
                         WHERE organization_id = $1 AND alert_id = $2 AND event = 'raised')
    RETURNING 1
"""

_LIST = """
    SELECT delivery_id AS id, channel_id, channel.name AS channel, alert_id, event,
           CASE state WHEN 'processed' THEN 'delivered' ELSE state END AS state, attempts, failure,
           CASE WHEN state = 'waiting' THEN next_attempt_at END AS next_attempt_at,
           delivery.created_at, delivered_at
    FROM alert_delivery AS delivery
    JOIN alert_channel AS channel USING (organization_id, channel_id)
    WHERE organization_id = $1 AND ($2::bigint IS NULL OR delivery_id = $2)
      AND ($3::bigint IS NULL OR channel_id = $3) AND ($4::bigint IS NULL OR alert_id = $4)
      AND ($5::bigint IS NULL OR delivery_id < $5)
    ORDER BY delivery_id DESC LIMIT $6
"""


async def queue_test(tenant: Tenant, channel_id: int) -> int | None:
    """Queue a test; returns the id of its delivery, None if the channel does not exist."""
    delivery_id: int | None = await tenant.fetchval(_TEST, channel_id)
    return delivery_id


async def queue_digest(tenant: Tenant, channel_id: int, monday: date) -> int | None:
    """Queue the digest of a week; returns the id of its delivery, None if the channel does not exist."""
    delivery_id: int | None = await tenant.fetchval(_DIGEST, channel_id, monday)
    return delivery_id


async def queue_answer(tenant: Tenant, alert_id: int, event: str) -> bool:
    """Queue an answer to an alert for the receivers that follow it; return whether there are any."""
    return bool(await tenant.fetch(_FOLLOW, alert_id, event, FOLLOWING))


async def list_deliveries(
    tenant: Tenant,
    *,
    delivery_id: int | None = None,
    channel_id: int | None = None,
    alert_id: int | None = None,
    before: int | None = None,
    limit: int = 1,
) -> Sequence[asyncpg.Record]:
    """Return deliveries with an id below `before`, newest first: all, or those of a channel or alert."""
    rows: Sequence[asyncpg.Record] = await tenant.fetch(_LIST, delivery_id, channel_id, alert_id, before, limit)
    return rows
