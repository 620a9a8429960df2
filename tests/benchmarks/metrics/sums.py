"""Sums of the whole ledger at once, by the statements of the workers; day by day they would take an hour."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

import asyncpg

from schema.database import Tenant
from vocabulary.spend_cuts import COSTS, MEASURES
from vocabulary.tokens import TOKEN_KINDS
from workers.stores.spend import artifacts, merges
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
PULL_REQUESTS = f"""
    INSERT INTO pull_request_spend (organization_id, artifact_id, team_id, state, merged_at, tokens, linked_tokens,
                                    {", ".join(COSTS)})
    SELECT $1::bigint, artifact_id, team_id, state, CASE WHEN state = 'merged' THEN ended_at END,
           {", ".join(f"coalesce({name}, 0)" for name in ("tokens", "linked_tokens", *COSTS))}
      FROM made_pull_request
      LEFT JOIN (SELECT artifact_id, sum({_TOTAL})::bigint AS tokens, sum(linked_tokens)::bigint AS linked_tokens,
                        {", ".join(f"sum({name})::bigint AS {name}" for name in COSTS)}
                   FROM spend_work GROUP BY 1) AS spent USING (artifact_id)
"""
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
    waiting = list(months)

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


async def sum_artifacts(tenant: Tenant) -> None:
    """Sum pull requests, weeks, merges and releases."""
    for statement in (PULL_REQUESTS, MERGED_WEEKS):
        await tenant.execute(statement)
    await tenant.connection.execute("ANALYZE pull_request_spend, release_pull_request, pull_request")
    for table, save in (("pull_request_spend", _count_merges), ("release", artifacts.save_noted)):
        rows = await tenant.fetch(f"SELECT artifact_id FROM {table} WHERE organization_id = $1")
        ids = [row["artifact_id"] for row in rows]
        for start in range(0, len(ids), ARTIFACTS):
            async with tenant.transaction():
                await save(tenant, ids[start : start + ARTIFACTS])


async def _count_merges(tenant: Tenant, artifact_ids: list[bytes]) -> None:
    """Count pull requests that were not counted before."""
    await merges.take_before(tenant, [])
    await merges.add_changes(tenant, artifact_ids)
