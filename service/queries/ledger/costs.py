"""Effective and billed cost of the ledger of a period."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from schema.database import Tenant
from service.queries.ledger.totals import BY_PLACE, Place
from service.queries.spend.runs import Span

_SCOPE = """
    organization_id = $1 AND ($2::bigint IS NULL OR team_id = $2)
    AND day >= coalesce($3::date, '-infinity') AND day <= coalesce($4::date, 'infinity')
"""

# A single statement reads one snapshot. Team-days without a bill, and windows not yet settled, cost their list price if
# the kind is effective ($7), and nothing if it is billed.
_COSTS = """
    WITH priced AS (
        SELECT team_id, day, {column} AS nano_usd FROM reconciled_day WHERE {scope}
    ), listed AS (
        SELECT settlement.team_id, settlement.day, cost_nano_usd AS nano_usd FROM settlement
        LEFT JOIN priced USING (team_id, day)
        WHERE {scope} AND $7 AND priced.day IS NULL
    ), pending AS (
        SELECT team_id, day, cost_nano_usd AS nano_usd FROM (
            SELECT *, (hour AT TIME ZONE 'UTC')::date AS day FROM token_window WHERE organization_id = $1
        ) AS windows WHERE {scope} AND $7
        UNION ALL
        SELECT team_id, day, -cost_nano_usd FROM settlement WHERE {scope} AND $7
    ), share AS (
        SELECT team_id, day, artifact_id, {column} AS nano_usd FROM ledger_cost WHERE {scope}
        UNION ALL
        SELECT rollup.team_id, rollup.day, rollup.artifact_id, rollup.cost_nano_usd
        FROM (SELECT * FROM attribution_rollup WHERE {scope}) AS rollup
        JOIN listed USING (team_id, day)
    ), entry AS (
        SELECT 'received' AS part, team_id, day, nano_usd FROM priced
        UNION ALL
        SELECT 'received', team_id, day, nano_usd FROM listed
        UNION ALL
        SELECT 'received', team_id, day, nano_usd FROM pending
        UNION ALL
        SELECT 'pending', team_id, day, nano_usd FROM pending
        UNION ALL
        SELECT CASE WHEN share.artifact_id = '' THEN 'overhead'
                    WHEN pull_request.state = 'merged' THEN 'merged'
                    WHEN pull_request.state = 'open' THEN 'in_flight'
                    WHEN pull_request.state = 'abandoned' THEN 'abandoned' END, team_id, day, share.nano_usd
        FROM share
        LEFT JOIN pull_request
          ON pull_request.organization_id = $1 AND pull_request.artifact_id = share.artifact_id
    )
"""
_CUT = f"{_COSTS} {BY_PLACE.format(bucket='width_bucket(day, $5::date[])', sums='sum(nano_usd)::bigint AS nano_usd')}"


async def read_ledger_costs(
    tenant: Tenant,
    kind: Literal["effective", "billed"],
    *,
    team_id: int | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
) -> dict[str, int]:
    """Return nano-USD by part of the ledger, without empty parts; UTC days are inclusive, None means unbounded."""
    whole = Span(first_day or date.min, last_day or date.max)
    return (await read_costs_of_ledgers(tenant, kind, [whole], team_id=team_id, by_team=False)).get((1, ""), {})


async def read_costs_of_ledgers(
    tenant: Tenant,
    kind: Literal["effective", "billed"],
    spans: Sequence[Span],
    *,
    team_id: int | None,
    by_team: bool,
) -> dict[Place, dict[str, int]]:
    """Return nano-USD by part of the ledgers of successive spans, of each team if `by_team`, without empty parts."""
    firsts = [span.first for span in spans]
    statement = _CUT.format(column=f"{kind}_nano_usd", scope=_SCOPE)
    scope = (team_id, firsts[0], spans[-1].last, firsts, by_team, kind == "effective")
    found: dict[Place, dict[str, int]] = {}
    for row in await tenant.fetch(statement, *scope):
        found.setdefault((row["bucket"], row["team"]), {})[row["part"]] = row["nano_usd"]
    return found
