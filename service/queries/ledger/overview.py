"""The merged pull requests that tokens were spent on: their number, and the dearest."""

from datetime import date

import asyncpg

from schema.database import Tenant

_MERGED = """
    WITH spent AS (
        SELECT artifact_id, sum(cost_nano_usd)::bigint AS nano_usd
        FROM attribution_rollup
        WHERE organization_id = $1 AND artifact_id <> '' AND ($2::bigint IS NULL OR team_id = $2)
          AND day >= coalesce($3::date, '-infinity') AND day <= coalesce($4::date, 'infinity')
        GROUP BY artifact_id
    ), merged AS (
        SELECT spent.artifact_id, pull_request.label, spent.nano_usd
        FROM spent
        JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = spent.artifact_id
        WHERE pull_request.state = 'merged'
    )
    SELECT (SELECT count(*) FROM merged) AS merged, dearest.*,
           (SELECT count(*) FROM pull_request WHERE organization_id = $1) AS known
    FROM (SELECT) AS always
    LEFT JOIN (SELECT * FROM merged WHERE nano_usd > 0 ORDER BY nano_usd DESC, artifact_id LIMIT 1) AS dearest ON true
"""


async def read_merged(
    tenant: Tenant, *, team_id: int | None, first_day: date | None, last_day: date | None
) -> asyncpg.Record:
    """Return `merged` and `known` (numbers), and artifact_id, label and nano_usd of the dearest, null without one."""
    return await tenant.fetchrow(_MERGED, team_id, first_day, last_day)
