"""Adds what changed of the days on which tokens were spent on merged pull requests to the sums of these days."""

from collections.abc import Collection

from schema.database import Tenant

_MAKE = """
CREATE TEMPORARY TABLE IF NOT EXISTS worked_entry (
    sign bigint, day date, day_before date) ON COMMIT DELETE ROWS
"""
_TAKE = """
INSERT INTO worked_entry (sign, day, day_before)
SELECT $3::bigint, worked.day, coalesce(days[worked.place - 1], '-infinity')
  FROM pull_request_spend CROSS JOIN LATERAL unnest(days) WITH ORDINALITY AS worked (day, place)
 WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[]) AND state = 'merged'
"""
_ADD = """
INSERT INTO worked_day AS known (organization_id, day, day_before, pull_requests)
SELECT $1::bigint, day, day_before, sum(sign) FROM worked_entry
 GROUP BY day, day_before HAVING sum(sign) <> 0 ORDER BY day, day_before
    ON CONFLICT (organization_id, day, day_before)
    DO UPDATE SET pull_requests = known.pull_requests + excluded.pull_requests
 WHERE known.organization_id = $1
"""
_DELETE_EMPTY = """
DELETE FROM worked_day AS known USING (SELECT DISTINCT day, day_before FROM worked_entry WHERE sign < 0) AS entry
 WHERE known.organization_id = $1 AND known.day = entry.day AND known.day_before = entry.day_before
   AND known.pull_requests = 0
"""


async def take_before(tenant: Tenant, artifact_ids: Collection[bytes]) -> None:
    """Note the days of these pull requests; call this before they change."""
    await tenant.connection.execute(_MAKE)
    await tenant.execute(_TAKE, list(artifact_ids), -1)


async def add_changes(tenant: Tenant, artifact_ids: Collection[bytes]) -> None:
    """Count the days of these pull requests as they are now instead of as before."""
    await tenant.execute(_TAKE, list(artifact_ids), 1)
    await tenant.execute(_ADD)
    await tenant.execute(_DELETE_EMPTY)
