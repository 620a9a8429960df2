"""Pull requests that are a team's because their author was in it; of authors nothing more is known."""

from datetime import datetime

from schema.database import Tenant
from workers.stores.ledger.invalidate_days import days_touched, invalidate_days
from workers.stores.ledger.invalidate_weeks import WEEK

_MOVE = """
    UPDATE pull_request SET author_team_id = $3
    WHERE organization_id = $1 AND author_team_id = $2
      AND (state = 'open' OR coalesce(merged_at, closed_at, 'infinity') >= $4)
    RETURNING opened_at, coalesce(closed_at, merged_at, now()) AS ended_at
"""

_NOTE_WEEKS = f"""
    INSERT INTO stale_week (organization_id, team_id, week)
    SELECT DISTINCT $1::bigint, concerned.team_id, {WEEK.format("pull_request.merged_at")}
    FROM pull_request CROSS JOIN unnest(ARRAY[$2, $3]::bigint[]) AS concerned (team_id)
    WHERE organization_id = $1 AND author_team_id = $2 AND state = 'merged' AND merged_at >= $4
"""  # noqa: S608 - composed of constants


async def move_authors_team(tenant: Tenant, team_id: int, into: int, since: datetime) -> bool:
    """Let what ended since an instant be another team's; True when there are days to settle again."""
    key = team_id, into, since
    await tenant.execute(_NOTE_WEEKS, *key)
    moved = await tenant.fetch(_MOVE, *key)
    if not moved:
        return False
    first, last = days_touched(min(row["opened_at"] for row in moved), max(row["ended_at"] for row in moved))
    return await invalidate_days(tenant, from_day=first, to_day=last, team_ids={team_id, into})
