"""Sums of the whole ledger at once, by the statements of the workers; day by day they would take an hour."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

import asyncpg

from schema.database import Tenant
from vocabulary.spend_cuts import COSTS, MEASURES, REWORK
from vocabulary.tokens import TOKEN_KINDS
from workers.stores.spend import artifacts, merged_parts, merges, worked_days
from workers.stores.spend.cuts import sums_of
from workers.stores.spend.work import models_of

_KEYS = "cut, owner, grain, period, first, second"
_AMOUNTS = ", ".join(MEASURES)
_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in MEASURES)
_TOTAL = " + ".join(TOKEN_KINDS)
ARTIFACTS = 20_000
Month = tuple[date, date]

_DAYS = "(SELECT * FROM spend_day WHERE organization_id = $1 AND day BETWEEN $2 AND $3) AS spent"
# In the order of the key, as workers write them.
MONTH = f"""
    INSERT INTO spend_cut (organization_id, {_KEYS}, {_AMOUNTS})
    SELECT $1::bigint, {_KEYS}, {_AMOUNTS}
      FROM ({sums_of(_DAYS)}) AS sums ORDER BY {_KEYS}
"""
MODELS = f"""
    INSERT INTO spend_cut (organization_id, {_KEYS}, {_AMOUNTS})
    SELECT $1::bigint, {_KEYS}, {_AMOUNTS} FROM ({models_of("spend_work")}) AS sums ORDER BY {_KEYS}
"""
# A week that began in another month was summed in two parts.
JOIN_WEEKS = (
    f"""
    CREATE TEMPORARY TABLE whole_week AS
    SELECT {_KEYS}, {_SUMS} FROM spend_cut
     WHERE organization_id = $1 AND grain = 'week' AND period = ANY($2::date[]) AND cut <> $3 GROUP BY {_KEYS}
    """,
    "DELETE FROM spend_cut WHERE organization_id = $1 AND grain = 'week' AND period = ANY($2::date[]) AND cut <> $3",
    f"""
    INSERT INTO spend_cut (organization_id, {_KEYS}, {_AMOUNTS})
    SELECT $1::bigint, {_KEYS}, {_AMOUNTS} FROM whole_week ORDER BY {_KEYS}
    """,
)
# In months, or in years of months.
TO_DATE_SUMS = f"""
    INSERT INTO spend_cut (organization_id, {_KEYS}, {_AMOUNTS})
    WITH known AS MATERIALIZED (
        SELECT cut, owner, first, second, period, {_AMOUNTS} FROM spend_cut
         WHERE organization_id = $1 AND grain = $4 AND period BETWEEN $2 AND $3
           AND cut NOT LIKE 'team,%' AND cut NOT LIKE 'repository,%'
    ), cell AS (
        SELECT cut, owner, first, second, point
          FROM (SELECT DISTINCT cut, owner, first, second FROM known) AS used
         CROSS JOIN (SELECT period AS point FROM known WHERE cut = '') AS points
    )
    SELECT $1::bigint, cut, owner, $5::text, point, first, second, {_AMOUNTS}
      FROM (SELECT cut, owner, first, second, point, count(period) OVER until AS parts,
                   {", ".join(f"(sum({name}) OVER until)::bigint AS {name}" for name in MEASURES)}
              FROM cell
              LEFT JOIN (SELECT *, period AS point FROM known) AS known USING (cut, owner, first, second, point)
            WINDOW until AS (PARTITION BY cut, owner, first, second ORDER BY point)) AS summed
     WHERE parts > 0 ORDER BY cut, owner, point, first, second
"""
PULL_REQUESTS = f"""
    INSERT INTO pull_request_spend (organization_id, artifact_id, team_id, state, merged_at, {", ".join(REWORK)},
                                    days, day_costs, first_day, last_day, tokens, linked_tokens, {", ".join(COSTS)})
    SELECT $1::bigint, artifact_id, team_id, state, CASE WHEN state = 'merged' THEN ended_at END,
           2, 1, (is_reverted AND state = 'merged')::int, 0,
           CASE WHEN state = 'merged' THEN coalesce(days, '{{}}') ELSE '{{}}' END,
           CASE WHEN state = 'merged' THEN coalesce(day_costs, '{{}}') ELSE '{{}}' END,
           CASE WHEN state = 'merged' THEN days[1] END, CASE WHEN state = 'merged' THEN days[cardinality(days)] END,
           {", ".join(f"coalesce({name}, 0)" for name in ("tokens", "linked_tokens", *COSTS))}
      FROM made_pull_request
      LEFT JOIN (SELECT artifact_id, array_agg(day ORDER BY day) AS days,
                        array_agg(list_nano_usd ORDER BY day) AS day_costs,
                        {", ".join(f"sum({name})::bigint AS {name}" for name in ("tokens", "linked_tokens", *COSTS))}
                   FROM (SELECT artifact_id, day, sum({_TOTAL})::bigint AS tokens,
                                {", ".join(f"sum({name})::bigint AS {name}" for name in ("linked_tokens", *COSTS))}
                           FROM spend_work GROUP BY 1, 2) AS of_day GROUP BY 1) AS spent USING (artifact_id)
"""
_PARTS = merged_parts.entries_of("day BETWEEN $2 AND $3")
MERGED_MONTH = merged_parts.add_sums(f"({merged_parts.sums_of(f'({_PARTS}) AS entry')}) AS summed")
MERGED_WEEKS = f"""
    INSERT INTO merged_week (organization_id, team_id, week, merged_pull_requests, repository_tokens, cohort_tokens,
                             {", ".join(TOKEN_KINDS)}, cost_nano_usd)
    SELECT $1::bigint, team_id, date_trunc('week', ended_at)::date, count(*), 0, sum(cohort_tokens),
           {", ".join(f"sum({name})" for name in (*TOKEN_KINDS, "cost_nano_usd"))}
      FROM made_pull_request
      JOIN (SELECT artifact_id, sum({_TOTAL}) FILTER (WHERE evidence = 'cohort') AS cohort_tokens,
                   {", ".join(f"sum({name}) AS {name}" for name in (*TOKEN_KINDS, "cost_nano_usd"))}
              FROM attribution_rollup WHERE artifact_id <> '' GROUP BY 1) AS spent USING (artifact_id)
     WHERE state = 'merged' GROUP BY 2, 3
"""


async def sum_days(connections: Sequence[asyncpg.Connection], organization_id: int, months: Sequence[Month]) -> None:
    """Sum `spend_day` and `spend_work`, whose sums have no index yet, with several connections at once."""
    waiting: list[tuple[object, ...]] = list(months)

    async def sum_months(connection: asyncpg.Connection) -> None:
        while waiting:
            await connection.execute(MONTH, organization_id, *waiting.pop())

    await asyncio.gather(*(sum_months(each) for each in connections))
    connection = connections[0]
    cut_weeks = {begins - timedelta(days=begins.weekday()) for begins, _ in months}
    for statement in JOIN_WEEKS:
        arguments = [organization_id, sorted(cut_weeks), "provider,team,model"]
        await connection.execute(statement, *arguments[: 3 if "$3" in statement else 1])
    await connection.execute(MODELS, organization_id)
    waiting = [(*month, "day", "month_to_date") for month in months]
    years = sorted({begins.year for begins, _ in months})
    waiting += [(date(year, 1, 1), date(year, 12, 31), "month", "year_to_date") for year in years]

    async def sum_to_date(connection: asyncpg.Connection) -> None:
        # Without statistics, the planner takes the sums of a month for few.
        await connection.execute("SET enable_nestloop = off")
        while waiting:
            await connection.execute(TO_DATE_SUMS, organization_id, *waiting.pop())
        await connection.execute("RESET enable_nestloop")

    await asyncio.gather(*(sum_to_date(each) for each in connections))


async def sum_artifacts(tenant: Tenant, months: Sequence[Month]) -> None:
    """Sum pull requests, weeks, merges and releases."""
    for statement in (PULL_REQUESTS, MERGED_WEEKS):
        await tenant.execute(statement)
    await tenant.connection.execute("ANALYZE pull_request_spend, release_pull_request, pull_request")
    for table, save in (("pull_request_spend", merged_parts.insert_parts), ("release", artifacts.save_noted)):
        rows = await tenant.fetch(f"SELECT artifact_id FROM {table} WHERE organization_id = $1")
        ids = [row["artifact_id"] for row in rows]
        for start in range(0, len(ids), ARTIFACTS):
            async with tenant.transaction():
                await save(tenant, ids[start : start + ARTIFACTS])
        if table == "pull_request_spend":
            async with tenant.transaction():
                await _count_merges(tenant, ids, months)


async def _count_merges(tenant: Tenant, artifact_ids: list[bytes], months: Sequence[Month]) -> None:
    """Count pull requests that were not counted before, and sum their parts."""
    for counts in (merges, worked_days):
        await counts.take_before(tenant, [])
        await counts.add_changes(tenant, artifact_ids)
    await tenant.connection.execute("ANALYZE merged_part")
    for month in months:
        await tenant.execute(MERGED_MONTH, *month)
