"""Channels whose digest of a week is due."""

from datetime import date

from schema.database import Tenant
from vocabulary.digest import SETTLING

# As `last_full_week` in vocabulary/digest.py.
_LAST_WEEK = (
    f"date_trunc('week', now() AT TIME ZONE 'UTC' - interval '{SETTLING.total_seconds():.0f} seconds')::date - 7"
)
DUE = f"digested_to < {_LAST_WEEK}"

_CLAIM = """
UPDATE alert_channel SET digested_to = $2::date WHERE organization_id = $1 AND digested_to < $2::date
RETURNING channel_id
"""
_QUEUE = """
INSERT INTO alert_delivery (organization_id, channel_id, event, week)
SELECT $1, channel_id, 'digest', $3::date FROM unnest($2::bigint[]) AS due (channel_id)
RETURNING 1
"""


async def queue(tenant: Tenant, monday: date) -> None:
    """Queue the digest of a week for each channel that has not had it; weeks before it lapse."""
    rows = await tenant.fetch(_CLAIM, monday)
    if rows:
        await tenant.fetch(_QUEUE, [row["channel_id"] for row in rows], monday)
