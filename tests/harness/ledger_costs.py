"""Effective and billed cost of the whole ledger, computed from the ledger itself: what its sums must equal."""

from typing import Literal

from schema.database import Tenant

# Team-days without a bill, and windows not yet settled, cost their list price if the kind is effective ($2), and
# nothing if it is billed.
_COSTS = """
    WITH priced AS (
        SELECT team_id, day, {column} AS nano_usd FROM reconciled_day WHERE organization_id = $1
    ), listed AS (
        SELECT settlement.team_id, settlement.day, cost_nano_usd AS nano_usd FROM settlement
        LEFT JOIN priced USING (team_id, day)
        WHERE organization_id = $1 AND $2 AND priced.day IS NULL
    ), pending AS (
        SELECT cost_nano_usd AS nano_usd FROM token_window WHERE organization_id = $1 AND $2
        UNION ALL
        SELECT -cost_nano_usd FROM settlement WHERE organization_id = $1 AND $2
    ), share AS (
        SELECT artifact_id, {column} AS nano_usd FROM ledger_cost WHERE organization_id = $1
        UNION ALL
        SELECT rollup.artifact_id, rollup.cost_nano_usd
        FROM (SELECT * FROM attribution_rollup WHERE organization_id = $1) AS rollup JOIN listed USING (team_id, day)
    ), entry AS (
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
    SELECT part, sum(nano_usd)::bigint AS nano_usd FROM entry GROUP BY part
"""


async def read_ledger_costs(tenant: Tenant, kind: Literal["effective", "billed"]) -> dict[str, int]:
    """Return nano-USD by part of the ledger, without parts that cost nothing."""
    rows = await tenant.fetch(_COSTS.format(column=f"{kind}_nano_usd"), kind == "effective")
    return {row["part"]: row["nano_usd"] for row in rows if row["part"] and row["nano_usd"]}
