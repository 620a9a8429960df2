"""How long pages take on a large ledger: the first byte over HTTP, the time computed for it, and the size sent.

    .venv/bin/python -m tests.benchmarks.pages [--rows 10000000] [--teams 1000] [--json]

The ledger is that of the benchmark of metrics, with the periods and comparisons that people choose. The time that the
service and PostgreSQL computed is hardly changed by other load on the machine. Pages may read no rows of the ledger:
the rows that were read are counted by table.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from statistics import median, quantiles
from typing import Any

import asyncpg
import click
import httpx
import psutil

from schema.database import Database
from schema.received_weeks import TOTAL
from service.administration.migrations import upgrade
from service.auth.sign_in import create_sign_in_link
from service.dashboard.components.navigation import PAGES
from tests.benchmarks.metrics.__main__ import DATABASE, MASTER_SECRET, MEMORY, make_database
from tests.benchmarks.metrics.fill import Company, fill
from tests.benchmarks.metrics.rolling import roll_up
from tests.benchmarks.reads.servers import Server, serving
from tests.harness.servers import ROLES, postgres, redis_server, url_of

# Required milliseconds of the slowest twentieth.
BAR = 80.0
WARM = 3
NEED_A_NAME = {"/teams"}
VIEWS = ("", "?period=4w", "?compare=none")
RECEIVED = f"""
    INSERT INTO merged_week (organization_id, team_id, week, received_tokens)
    SELECT organization_id, team_id, date_trunc('week', day::timestamp)::date, sum({TOTAL}) FROM intake_total
     GROUP BY 1, 2, 3
    ON CONFLICT (organization_id, team_id, week) DO UPDATE SET received_tokens = excluded.received_tokens
"""
# Tables of single requests and of the ledger, which pages must not read.
RAW = ("attribution", "token_window", "token_event")
READ = "SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) AS rows FROM pg_stat_user_tables"


async def prepared(socket_folder: str, chosen: argparse.Namespace) -> tuple[Company, str]:
    """Fill the database and roll it up; return the company and a link that signs in."""
    database = Database(url_of(socket_folder, DATABASE), pool_size=1)
    await database.open()
    try:
        superuser_url = url_of(socket_folder, DATABASE, "postgres")
        company = await fill(database, superuser_url, MASTER_SECRET, chosen.rows, chosen.teams)
        await sum_received(superuser_url)
        await roll_up(database, superuser_url, company, chosen.teams)
        async with database.organization(company.organization.organization_id) as tenant:
            return company, f"/sign-in/{await create_sign_in_link(tenant)}"
    finally:
        await database.close()


async def sum_received(superuser_url: str) -> None:
    """Sum what was received in each week, as workers do."""
    connection = await asyncpg.connect(superuser_url)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(RECEIVED)
        await connection.execute("VACUUM (ANALYZE) intake_total, merged_week")
    finally:
        await connection.close()


async def rows_read(socket_folder: str) -> dict[str, int]:
    """Return how many rows were read of each table so far."""
    connection = await asyncpg.connect(url_of(socket_folder, DATABASE, "postgres"))
    try:
        return {row["relname"]: row["rows"] for row in await connection.fetch(READ)}
    finally:
        await connection.close()


def timed(client: httpx.Client, address: str, times: int) -> tuple[list[float], int]:
    """Return the seconds to the first byte of each request, after a few, and the bytes sent."""
    seconds, size = [], 0
    for number in range(-WARM, times):
        begins = time.perf_counter()
        with client.stream("GET", address) as answer:
            took = time.perf_counter() - begins
            answer.raise_for_status()
            size = sum(len(chunk) for chunk in answer.iter_raw())
        if number >= 0:
            seconds.append(took)
    return seconds, size


def run(chosen: argparse.Namespace) -> dict[str, object]:
    """Run the whole benchmark."""
    with postgres(*MEMORY) as socket_folder, redis_server() as redis_url:
        asyncio.run(make_database(socket_folder))
        upgrade(url_of(socket_folder, DATABASE))
        begins = time.perf_counter()
        company, link = asyncio.run(prepared(socket_folder, chosen))
        click.echo(f"filled in {time.perf_counter() - begins:.0f} s", err=True)
        environment = {
            "DATABASE_URL": url_of(socket_folder, DATABASE, ROLES.application),
            "REDIS_URL": redis_url,
            "SHIPLEDGER_SECRET_KEY": MASTER_SECRET,
        }
        before = asyncio.run(rows_read(socket_folder))
        with serving("service.server", environment, "/health/ready") as service:
            found = ask(service, link, chosen.times)
        time.sleep(1.5)  # PostgreSQL counts a connection's reads a second later
        after = asyncio.run(rows_read(socket_folder))
        raw = {table: after[table] - before[table] for table in RAW}
        return {"rows": chosen.rows, "teams": chosen.teams, "last": str(company.last), "pages": found, "raw": raw}


def computed(service: Server) -> float:
    """Return the CPU seconds of the service and of PostgreSQL's processes for its connections."""
    seconds = service.cpu_seconds()
    for process in psutil.process_iter(["cmdline"]):
        if f"shipledger {DATABASE}" in " ".join(process.info["cmdline"] or ()):
            used = process.cpu_times()
            seconds += used.user + used.system
    return seconds


def ask(service: Server, link: str, times: int) -> dict[str, dict[str, float]]:
    """Measure each view of each page that has figures."""
    url = f"http://127.0.0.1:{service.port}"
    entries = [entry for group in PAGES.values() for entry in group if entry.is_there and entry.has_view]
    addresses = [each for entry in entries for each in (entry.address, *entry.covers) if each not in NEED_A_NAME]
    found = {}
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        client.get(link)
        for address in (f"{path}{view}" for path in addresses for view in VIEWS):
            timed(client, address, 0)
            before = computed(service)
            seconds, size = timed(client, address, times)
            cpu = (computed(service) - before) / (times + WARM)
            found[address] = {**percentiles(seconds), "cpu_ms": round(1e3 * cpu, 1), "bytes": size}
    return found


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return the median and the 95th percentile in milliseconds."""
    return {
        "p50_ms": round(1e3 * median(seconds), 2),
        "p95_ms": round(1e3 * quantiles(seconds, n=20, method="inclusive")[-1], 2),
    }


def show(results: Mapping[str, Any]) -> None:
    """Print the figures as a table."""
    click.echo(f"{results['rows']:,} rows of ledger, {results['teams']:,} teams, until {results['last']}\n")
    click.echo(f"{'first byte in milliseconds':40}{'p50':>9}{'p95':>9}{'CPU':>9}{'bytes':>10}")
    for address, found in results["pages"].items():
        click.echo(
            f"{address:40}{found['p50_ms']:>9.1f}{found['p95_ms']:>9.1f}{found['cpu_ms']:>9.1f}{found['bytes']:>10,}"
        )
    click.echo(f"\nrows read of the ledger and of requests: {results['raw']}")


def is_met(results: Mapping[str, Any]) -> bool:
    """Return whether the bar is met."""
    return all(found["p95_ms"] < BAR for found in results["pages"].values()) and not any(results["raw"].values())


def main() -> int:
    """Run the command; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.pages", description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000, help="ledger rows (default: %(default)s)")
    parser.add_argument("--teams", type=int, default=1_000, help="teams (default: %(default)s)")
    parser.add_argument("--times", type=int, default=40, help="requests of each view (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    chosen = parser.parse_args()
    results = run(chosen)
    if chosen.json:
        click.echo(json.dumps(results))
    else:
        show(results)
    return int(not is_met(results))


if __name__ == "__main__":
    sys.exit(main())
