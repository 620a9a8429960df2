"""A team-year with its rows and rollup in PostgreSQL, committed to disk."""

import asyncio
import time
from dataclasses import dataclass

import asyncpg

from schema.database import Connection, Database
from tests.benchmarks.settlement.pure import EXPLORATORY_SHARE
from tests.benchmarks.settlement.team_year import team_facts, team_windows
from tests.harness.organization import make_organization
from tests.harness.servers import TEMPLATE, postgres, url_of
from workers.attribution.ledger import Ledger
from workers.attribution.methods import METHODS
from workers.attribution.settle import settle
from workers.stores.ledger import attributions

MASTER_SECRET = "a secret of the benchmark, long enough to be one"
DATABASE = "settlement"


@dataclass(frozen=True, slots=True)
class Written:
    """Seconds for a team-year; `again` replaces it, `copy` copies the same rows into a bare table."""

    method: str
    rows: int
    rollup_rows: int
    settle_seconds: float
    write_seconds: float
    again_seconds: float
    copy_seconds: float


def measure(method: str) -> Written:
    """Measure on a separate PostgreSQL with durable commits."""
    with postgres() as socket_folder:
        return asyncio.run(_measure(socket_folder, method))


async def _measure(socket_folder: str, method: str) -> Written:
    await _make_database(url_of(socket_folder, "postgres", "postgres"))
    database = Database(url_of(socket_folder, DATABASE))
    await database.open()
    try:
        organization = await make_organization(database, MASTER_SECRET)
        organization_id, team_id = organization.organization_id, organization.default_team_id
        windows, facts = team_windows(), team_facts()
        began = time.perf_counter()
        ledger = settle(windows, facts, EXPLORATORY_SHARE, METHODS[method])
        settled = time.perf_counter() - began
        written, again = [await _write(database, organization_id, team_id, ledger) for _ in range(2)]
        async with database.organization(organization_id) as tenant:
            copied = await _copy(tenant.connection, ledger)
    finally:
        await database.close()
    return Written(method, len(ledger.rows), len(ledger.rollup), settled, written, again, copied)


async def _write(database: Database, organization_id: int, team_id: int, ledger: Ledger) -> float:
    began = time.perf_counter()
    async with database.organization(organization_id) as tenant:
        await attributions.replace(tenant, team_id, ledger.totals.keys(), ledger)
    return time.perf_counter() - began


async def _make_database(url: str) -> None:
    connection = await asyncpg.connect(url)
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        await connection.execute(f"ALTER SYSTEM SET {setting} = on")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE} OWNER shipledger")
    await connection.close()


async def _copy(connection: Connection, ledger: Ledger) -> float:
    """Return the baseline: seconds to copy the same rows into a table without keys, checks or policies."""
    await connection.execute("CREATE TABLE bare AS SELECT * FROM attribution WITH NO DATA")
    columns = attributions.COLUMNS["attribution"]
    began = time.perf_counter()
    await connection.copy_records_to_table("bare", records=ledger.rows.values(0, len(ledger.rows)), columns=columns)
    return time.perf_counter() - began
