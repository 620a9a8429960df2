"""Alerts that are new, or whose snooze is over: queued for the channels that want them."""

from schema.database import Tenant, rows_as_columns
from workers.alerts.message import AlertEvent

MOST = 500

# What is acknowledged, resolved or muted is not sent again.
_DUE = """
SELECT alert.alert_id, alert.team_id, alert.state,
       alert.state IN ('open', 'snoozed') AND NOT EXISTS (
           SELECT 1 FROM alert_mute AS mute
            WHERE mute.organization_id = $1 AND mute.kind IN ('', alert.kind) AND mute.team_id IN (0, alert.team_id)
              AND (mute.muted_to IS NULL OR mute.muted_to >= (now() AT TIME ZONE 'UTC')::date)) AS is_sent
  FROM alert
 WHERE alert.organization_id = $1 AND alert.announce_at <= now()
 ORDER BY alert.alert_id LIMIT $2 FOR UPDATE SKIP LOCKED
"""

_QUEUE = """
INSERT INTO alert_delivery (organization_id, channel_id, alert_id, event)
SELECT $1, alert_channel.channel_id, due.alert_id, due.event
  FROM unnest($2::bigint[], $3::bigint[], $4::text[]) AS due (alert_id, team_id, event)
  JOIN alert_channel ON alert_channel.organization_id = $1 AND alert_channel.team_id IN (0, due.team_id)
 ORDER BY due.alert_id, alert_channel.channel_id
RETURNING 1
"""

_ANNOUNCED = """
UPDATE alert
   SET announce_at = NULL, snoozed_to = NULL, state = CASE WHEN state = 'snoozed' THEN 'open' ELSE state END
 WHERE organization_id = $1 AND alert_id = ANY($2::bigint[])
"""


async def announce(tenant: Tenant) -> bool:
    """Queue due alerts for their channels; return whether any was queued."""
    rows = await tenant.fetch(_DUE, MOST)
    if not rows:
        return False
    events = [
        (row["alert_id"], row["team_id"], AlertEvent.REMINDED if row["state"] == "snoozed" else AlertEvent.RAISED)
        for row in rows
        if row["is_sent"]
    ]
    await tenant.execute(_ANNOUNCED, [row["alert_id"] for row in rows])
    return bool(events and await tenant.fetch(_QUEUE, *rows_as_columns(events)))
