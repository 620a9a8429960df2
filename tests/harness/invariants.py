"""Invariants checked after every test with a database: no token lost or counted twice, and no identity stored."""

import asyncpg
import redis

from schema.database import Tenant
from schema.tables import TENANT_TABLES
from service.queries.ledger.spend import Spend
from service.queries.ledger.totals import Ledger, read_ledger
from tests.harness.ledger_costs import read_ledger_costs
from tests.harness.outcome_invariants import assert_outcomes
from tests.harness.spend_invariants import assert_spend
from vocabulary.tokens import TOKEN_KINDS

CANARY = "CANARY"
_SUMS = ", ".join(f"COALESCE(sum({kind}), 0)::bigint" for kind in TOKEN_KINDS)


# Without a row in any of these there is nothing to add up.
_COUNTED = frozenset(
    {
        *("intake_total", "token_event", "token_window", "superseded_total", "settlement", "attribution"),
        *("attribution_rollup", "merged_week", "pull_request", "reported_outcome", "outcome_cut", "spend_day"),
        *("spend_cut", "ledger_cost"),
    }
)
# A partition stands for its table. Most tests fill a few of a hundred tables, and planning a query of a table in a new
# database takes longer than reading it.
_FILLED = """
SELECT coalesce(whole.relname, part.relname) FROM pg_class AS part
  LEFT JOIN pg_inherits ON inhrelid = part.oid LEFT JOIN pg_class AS whole ON whole.oid = inhparent
 WHERE part.relkind = 'r' AND part.relnamespace = 'public'::regnamespace
   AND (pg_stat_file(pg_relation_filepath(part.oid))).size > 0
"""


async def filled_tables(connection: asyncpg.Connection) -> frozenset[str]:
    """Return the tables that ever held a row."""
    return frozenset(name for (name,) in await connection.fetch(_FILLED))


async def assert_conservation(connection: asyncpg.Connection) -> None:
    """Check tokens received = waiting + in windows + superseded, and tokens settled = in ledger = in rollup.

    Independent of the product's ledger query, so that a mistake there cannot hide here.
    """
    filled = await filled_tables(connection)
    if not filled & _COUNTED:
        return
    for (organization_id,) in await connection.fetch("SELECT organization_id FROM organization"):
        sums = {
            name: tuple(
                await connection.fetchrow(f"SELECT {_SUMS} FROM {source} AND organization_id = $1", organization_id)
                if source.split()[0] in filled
                else [0] * len(TOKEN_KINDS)
            )
            for name, source in {
                "received": "intake_total WHERE true",
                "waiting": "token_event JOIN intake_batch USING (organization_id, batch_id) WHERE state <> 'processed'",
                "windows": "token_window WHERE true",
                "set aside": "superseded_total WHERE true",
                "settled": "settlement WHERE true",
                "ledger": "attribution WHERE true",
                "rollup": "attribution_rollup WHERE true",
            }.items()
        }
        found = tuple(map(sum, zip(sums["waiting"], sums["windows"], sums["set aside"], strict=True)))
        assert sums["received"] == found, f"received {sums['received']}, waiting + windows + superseded {found}"
        assert sums["settled"] == sums["ledger"] == sums["rollup"], f"settled differs from the ledger: {sums}"
        stale = await connection.fetchval(
            "SELECT count(*) FROM settlement WHERE organization_id = $1 AND state <> 'processed'", organization_id
        )
        if filled & {"pull_request", "merged_week"}:
            await _assert_weeks(connection, organization_id)
        if filled & {"intake_total", "merged_week"}:
            await _assert_received(connection, organization_id)
        if filled & {"reported_outcome", "outcome_cut"}:
            await assert_outcomes(connection, organization_id)
        if filled & {"attribution", "spend_day"}:
            await assert_spend(connection, organization_id, has_pending=bool(stale))
        if not stale:
            assert sums["windows"] == sums["settled"], f"nothing is stale, yet windows differ from the ledger: {sums}"
            await _assert_money(connection, organization_id)


async def _assert_weeks(connection: asyncpg.Connection, organization_id: int) -> None:
    """Check that every week's sum equals its pull requests in the ledger, unless the week is stale."""
    differing = await connection.fetchval(
        """
        WITH spent AS (
            SELECT artifact_id, sum(cost_nano_usd) AS cost,
                   sum(input_uncached + cache_read + cache_write + output_visible + output_reasoning) AS tokens
              FROM attribution WHERE organization_id = $1 GROUP BY artifact_id
        ), merged AS (
            SELECT coalesce((SELECT owning.team_id FROM code_owner AS owning
                              WHERE owning.organization_id = $1 AND owning.owner = pull_request.owner),
                            nullif(coalesce(
                                (SELECT had.team_id FROM repository_team AS had
                                  WHERE had.organization_id = $1 AND had.repository_id = repository.artifact_id
                                    AND had.until > pull_request.merged_at ORDER BY had.until LIMIT 1),
                                repository.team_id), default_team.team_id),
                            pull_request.author_team_id, default_team.team_id) AS team_id,
                   date_trunc('week', pull_request.merged_at AT TIME ZONE 'UTC')::date AS week,
                   count(*) AS number, coalesce(sum(tokens), 0) AS tokens, coalesce(sum(cost), 0) AS cost
              FROM pull_request
              JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = repository_id
              JOIN team AS default_team ON default_team.organization_id = $1 AND default_team.is_default
              LEFT JOIN spent ON spent.artifact_id = pull_request.artifact_id
             WHERE pull_request.organization_id = $1 AND state = 'merged' GROUP BY 1, 2
        ), summed AS (
            SELECT team_id, week, merged_pull_requests AS number, cost_nano_usd AS cost,
                   input_uncached + cache_read + cache_write + output_visible + output_reasoning AS tokens
              FROM merged_week WHERE organization_id = $1
        )
        SELECT array_agg(row(team_id, week, merged.*, summed.*)::text)
          FROM merged FULL JOIN summed USING (team_id, week)
         WHERE (coalesce(merged.number, 0), coalesce(merged.tokens, 0), coalesce(merged.cost, 0))
               <> (coalesce(summed.number, 0), coalesce(summed.tokens, 0), coalesce(summed.cost, 0))
           AND (team_id, week) NOT IN (SELECT team_id, week FROM stale_week WHERE organization_id = $1)
        """,
        organization_id,
    )
    assert not differing, f"weeks differ from their pull requests: {differing}"


async def _assert_received(connection: asyncpg.Connection, organization_id: int) -> None:
    """Check that every week's received tokens equal those that its days have added."""
    differing = await connection.fetchval(
        """
        WITH days AS (
            SELECT team_id, date_trunc('week', day)::date AS week, sum(summed_tokens) AS tokens
              FROM intake_total WHERE organization_id = $1 GROUP BY 1, 2
        )
        SELECT array_agg(row(team_id, week, days.tokens, received_tokens)::text)
          FROM days FULL JOIN (SELECT * FROM merged_week WHERE organization_id = $1) AS summed USING (team_id, week)
         WHERE days.tokens IS DISTINCT FROM received_tokens
        """,
        organization_id,
    )
    assert not differing, f"weeks differ from the days they received tokens on: {differing}"
    differing = await connection.fetchval(
        f"""
        WITH added AS (
            SELECT day, {", ".join(f"sum(summed_{kind}) AS {kind}" for kind in TOKEN_KINDS)}
              FROM intake_total WHERE organization_id = $1 GROUP BY 1
        )
        SELECT array_agg(day)
          FROM added FULL JOIN (SELECT * FROM received_day WHERE organization_id = $1) AS summed USING (day)
         WHERE ({", ".join(f"added.{kind}" for kind in TOKEN_KINDS)})
               IS DISTINCT FROM ({", ".join(f"summed.{kind}" for kind in TOKEN_KINDS)})
        """,
        organization_id,
    )
    assert not differing, f"days differ from what their teams have added to them: {differing}"
    differing = await connection.fetchval(
        f"""
        WITH added AS (
            SELECT grain, date_trunc(grain, day::timestamp)::date AS period, team_id,
                   {", ".join(f"sum(summed_{kind}) AS {kind}" for kind in TOKEN_KINDS)}
              FROM intake_total, (VALUES ('week'), ('month')) AS span (grain)
             WHERE organization_id = $1 AND summed_input_uncached IS NOT NULL GROUP BY 1, 2, 3
        )
        SELECT array_agg(row(grain, period, team_id)::text)
          FROM added FULL JOIN (SELECT * FROM received_cut WHERE organization_id = $1) AS summed
               USING (grain, period, team_id)
         WHERE ({", ".join(f"added.{kind}" for kind in TOKEN_KINDS)})
               IS DISTINCT FROM ({", ".join(f"summed.{kind}" for kind in TOKEN_KINDS)})
        """,
        organization_id,
    )
    assert not differing, f"weeks and months differ from the days that teams received tokens on: {differing}"


async def _assert_money(connection: asyncpg.Connection, organization_id: int) -> None:
    costs = [
        await connection.fetchval(
            f"SELECT COALESCE(sum(cost_nano_usd), 0)::bigint FROM {table} WHERE organization_id = $1", organization_id
        )
        for table in ("token_window", "settlement", "attribution", "attribution_rollup")
    ]
    assert len(set(costs)) == 1, f"money differs between windows, settlement, ledger and rollup: {costs}"


async def assert_ledger_balances(connection: asyncpg.Connection) -> None:
    """Check that `GET /api/v1/ledger` has a difference of 0 for each organization and kind of price."""
    if not await filled_tables(connection) & _COUNTED:
        return
    for (organization_id,) in await connection.fetch("SELECT organization_id FROM organization"):
        ledger = await read_ledger(Tenant(connection, organization_id))
        assert ledger.difference == Spend(), f"received is not what the ledger holds: {ledger}"
        for kind in ("effective", "billed"):
            tenant = Tenant(connection, organization_id)
            priced = await read_ledger(tenant, cost_kind=kind)
            assert priced.difference == Spend(), f"the ledger does not hold its {kind} cost: {priced}"
            parts = {name: getattr(priced, name) for name in Ledger.__dataclass_fields__}
            assert {name: part.tokens for name, part in parts.items()} == {
                name: getattr(ledger, name).tokens for name in parts
            }
            costs = {name: part.nano_usd for name, part in parts.items() if part.nano_usd}
            assert costs == await read_ledger_costs(tenant, kind), f"the sums of the {kind} cost are not the ledger's"


async def assert_bills_reconcile(connection: asyncpg.Connection) -> None:
    """Check that a reconciled day's ledger equals its comparison with the bill, and its settlement."""
    # Without reconciled days, skip both queries: planning them takes long.
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM reconciled_day)"):
        return
    rows = await connection.fetch("""
        SELECT day.*, ARRAY[shares.listed, shares.effective, shares.billed] AS in_shares,
               ARRAY[compared.listed, compared.effective, compared.billed] AS in_comparison
        FROM (SELECT organization_id, day, sum(list_nano_usd) AS listed, sum(effective_nano_usd) AS effective,
                     sum(billed_nano_usd) AS billed
              FROM reconciled_day GROUP BY 1, 2) AS day
        LEFT JOIN (SELECT organization_id, day, sum(list_nano_usd) AS listed, sum(effective_nano_usd) AS effective,
                          sum(billed_nano_usd) AS billed FROM ledger_cost GROUP BY 1, 2) AS shares
               USING (organization_id, day)
        LEFT JOIN (SELECT organization_id, day, sum(telemetry_list_nano_usd) AS listed,
                          sum(telemetry_effective_nano_usd) AS effective, sum(attributed_nano_usd) AS billed
                   FROM reconciliation GROUP BY 1, 2) AS compared
               USING (organization_id, day)
    """)
    for row in rows:
        whole = [row["listed"], row["effective"], row["billed"]]
        assert whole == row["in_shares"] == row["in_comparison"], f"money differs on a reconciled day: {row}"
    differing = await connection.fetchval("""
        SELECT count(*) FROM reconciled_day JOIN settlement USING (organization_id, team_id, day)
        WHERE reconciled_day.settled_at = settlement.settled_at AND list_nano_usd <> cost_nano_usd
    """)
    assert not differing, "a reconciled day has another list price than its settlement"


async def assert_no_identity(connection: asyncpg.Connection, redis_url: str | None) -> None:
    """Check that no table (text or bytes) and no key of Redis contains a canary."""
    hidden = CANARY.encode().hex()
    filled = await filled_tables(connection)
    found = await connection.fetch(
        " UNION ALL ".join(
            f"SELECT '{table}' FROM {table} AS row WHERE row::text LIKE '%{CANARY}%' OR row::text LIKE '%{hidden}%'"
            for table in TENANT_TABLES
            if table in filled
        )
        or "SELECT WHERE false"
    )
    assert not found, f"an identity or content value was stored in {sorted({table for (table,) in found})}"
    if redis_url:
        assert_redis_names_nobody(redis_url)


def assert_redis_names_nobody(redis_url: str) -> None:
    """Check that no key or value in Redis contains a canary."""
    client = redis.Redis.from_url(redis_url)
    for key in client.scan_iter():
        assert CANARY.encode() not in key
        assert CANARY.encode() not in (client.dump(key) or b""), "an identity or content value reached Redis"
    client.close()
