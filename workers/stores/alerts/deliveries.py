"""What waits to be sent to alert channels, in the order of each alert's events."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from schema.database import Tenant
from schema.team_of import OTHERS_HAVE_DATA
from schema.work_rows import WorkKind
from workers.work_queue import WAITING, Retry, WorkQueue

# Longer than the slowest receiver; afterwards another worker may claim what a killed one had.
LEASE = timedelta(minutes=2)

_EARLIER = """
SELECT 1 FROM alert_delivery AS earlier
 WHERE earlier.organization_id = {organization} AND earlier.channel_id = {table}.channel_id
   AND earlier.alert_id = {table}.alert_id AND earlier.delivery_id < {table}.delivery_id AND earlier.state = 'waiting'
"""
QUEUE = WorkQueue(
    WorkKind.ALERT_DELIVERY,
    order="alert_delivery.delivery_id",
    # An incident that is resolved must have been triggered before.
    due=f"{WAITING} AND NOT EXISTS ({_EARLIER})",
    lease=LEASE,
)

_COLUMNS = f"""
alert_delivery.delivery_id, alert_delivery.event, alert_delivery.created_at, alert_delivery.alert_id,
alert_delivery.week,
channel.channel_id, channel.kind AS channel, channel.sealed_settings, team.name AS team, alert.kind, alert.subject,
alert.cause, alert.began_on, alert.found_on, alert.usual_nano_usd, alert.spent_nano_usd, alert.before, alert.after,
alert.sentence, alert.link, alert.state AS alert_state, team.size AS team_size,
{OTHERS_HAVE_DATA} AS has_other_teams
"""
_MORE = """
JOIN alert_channel AS channel
  ON channel.organization_id = $1 AND channel.channel_id = alert_delivery.channel_id
LEFT JOIN alert ON alert.organization_id = $1 AND alert.alert_id = alert_delivery.alert_id
LEFT JOIN team ON team.organization_id = $1 AND team.team_id = alert.team_id
"""

_DELIVERED = QUEUE.completing("state = 'processed', delivered_at = now()")
_FAILED_TEST = QUEUE.updating(
    "state = 'failed', attempts = alert_delivery.attempts + 1, failure = chosen.failure", {"failure": "text"}
)


async def claim(tenant: Tenant, limit: int) -> Sequence[asyncpg.Record]:
    """Claim and lease rows, each with its channel and alert."""
    rows = await QUEUE.claim(tenant, _COLUMNS, limit=limit, more=_MORE)
    await QUEUE.hold(tenant, [(row["delivery_id"],) for row in rows])
    return rows


async def delivered(tenant: Tenant, delivery_id: int) -> None:
    """Record that the receiver accepted it."""
    await QUEUE.run(tenant, _DELIVERED, [(delivery_id,)])


async def fail_test(tenant: Tenant, delivery_id: int, failure: str) -> None:
    """Record that a test failed. It is not tried again: somebody waits for the answer."""
    await QUEUE.run(tenant, _FAILED_TEST, [(delivery_id, failure)])


async def defer(tenant: Tenant, delivery_id: int, until: datetime, failure: str) -> None:
    """Postpone, because the receiver asks for it."""
    await QUEUE.defer(tenant, [(delivery_id,)], until, failure)


async def back_off(tenant: Tenant, delivery_id: int, failure: str, retry: Retry) -> None:
    """Record a failed attempt; once the limit is reached, the row is a dead letter."""
    await QUEUE.back_off(tenant, [(delivery_id,)], failure, retry)


async def give_up(tenant: Tenant, delivery_id: int, failure: str) -> None:
    """Make it a dead letter, because the receiver refuses it."""
    await QUEUE.give_up(tenant, [(delivery_id,)], failure)
