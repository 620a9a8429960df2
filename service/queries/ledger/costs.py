"""Effective and billed cost of the ledger of a period."""

from datetime import date
from typing import Literal

from schema.database import Tenant

_SCOPE = """
    organization_id = $1 AND ($2::bigint IS NULL OR team_id = $2)
    AND day >= coalesce($3::date, '-infinity') AND day <= coalesce($4::date, 'infinity')
"""

# A single statement reads one snapshot. Team-days without a bill, and windows not yet settled, cost their list price if
# the kind is effective ($5), and nothing if it is billed.
_COSTS = """
    WITH priced AS (
        SELECT team_id, day, {column} AS nano_usd FROM reconciled_day WHERE {scope}
    ), listed AS (
        SELECT settlement.team_id, settlement.day, cost_nano_usd AS nano_usd FROM settlement
        LEFT JOIN priced USING (team_id, day)
        WHERE {scope} AND $5 AND priced.day IS NULL
    ), pending AS (
        SELECT coalesce(sum(cost_nano_usd), 0)::bigint AS nano_usd FROM (
            SELECT cost_nano_usd FROM (
                SELECT *, (hour AT TIME ZONE 'UTC')::date AS day FROM token_window WHERE organization_id = $1
            ) AS windows WHERE {scope} AND $5
            UNION ALL
            SELECT -cost_nano_usd FROM settlement WHERE {scope} AND $5) AS entry
    ), share AS (
        SELECT artifact_id, {column} AS nano_usd FROM ledger_cost WHERE {scope}
        UNION ALL
        SELECT rollup.artifact_id, rollup.cost_nano_usd
        FROM (SELECT * FROM attribution_rollup WHERE {scope}) AS rollup
        JOIN listed USING (team_id, day)
    ), part AS (
        SELECT 'received' AS part, nano_usd FROM priced
        UNION ALL
        SELECT 'received', nano_usd FROM listed
        UNION ALL
        SELECT 'received', nano_usd FROM pending
        UNION ALL
        SELECT 'pending', nano_usd FROM pending
        UNION ALL
        SELECT CASE WHEN share.artifact_id = '' THEN 'overhead'
                    WHEN pull_request.state = 'merged' THEN 'merged'
                    WHEN pull_request.state = 'open' THEN 'in_flight'
                    WHEN pull_request.state = 'abandoned' THEN 'abandoned' END, share.nano_usd
        FROM share
        LEFT JOIN pull_request
          ON pull_request.organization_id = $1 AND pull_request.artifact_id = share.artifact_id
    )
    SELECT part, sum(nano_usd)::bigint AS nano_usd FROM part WHERE part IS NOT NULL GROUP BY part
"""


async def read_ledger_costs(
    tenant: Tenant,
    kind: Literal["effective", "billed"],
    *,
    team_id: int | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
) -> dict[str, int]:
    """Return nano-USD by part of the ledger, without empty parts; UTC days are inclusive, None means unbounded."""
    statement = _COSTS.format(column=f"{kind}_nano_usd", scope=_SCOPE)
    rows = await tenant.fetch(statement, team_id, first_day, last_day, kind == "effective")
    return {row["part"]: row["nano_usd"] for row in rows}
