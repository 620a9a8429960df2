"""How long questions about spend take on a large ledger, in PostgreSQL and over HTTP, and the roll-up of a day.

    .venv/bin/python -m tests.benchmarks.metrics [--rows 10000000] [--teams 1000] [--keep FOLDER] [--only TEXT] [--json]

Each kind of question is asked with many periods and teams, one at a time. The time in PostgreSQL is that of all
statements of a question, and beside it the time that its process computed, which other load on the machine hardly
changes; over HTTP it is that of the whole request. The roll-up is that of whole days whose team-days
all changed, by one worker.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import asyncpg
import click
import httpx

from schema.database import Database
from service.administration.migrations import upgrade
from tests.benchmarks.metrics.fill import Company, fill
from tests.benchmarks.metrics.kept import company_of, load, save
from tests.benchmarks.metrics.questions import KINDS, address, draw
from tests.benchmarks.metrics.rolling import roll_up
from tests.benchmarks.metrics.studied import study
from tests.benchmarks.metrics.timed import in_postgres
from tests.benchmarks.reads.servers import serving
from tests.harness.servers import ROLES, postgres, redis_server, url_of

MASTER_SECRET = "a secret of the benchmark, long enough to be one"
DATABASE = "benchmark"
MEMORY = ("shared_buffers = '2GB'", "max_wal_size = '16GB'")
# Required milliseconds of the slowest percent, and seconds of a day of all teams.
POSTGRES_BAR, HTTP_BAR, DAY_BAR = 25.0, 40.0, 30.0


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return the median and the 99th percentile in milliseconds."""
    return {
        "p50_ms": round(1e3 * median(seconds), 2),
        "p99_ms": round(1e3 * quantiles(seconds, n=100, method="inclusive")[-1], 2),
    }


def over_http(url: str, company: Company, kind: str, times: int, teams: int) -> list[float]:
    """Return the seconds of each request, after a few that are not measured."""
    seconds = []
    headers = {"Authorization": f"Bearer {company.organization.key}"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
        for seed in range(-3, times):
            query = draw(kind, seed, company.first, company.last, teams)
            begins = time.perf_counter()
            answer = client.get(f"/api/v1/{address(kind)}", params=query)
            seconds.append(time.perf_counter() - begins)
            shown = answer.raise_for_status().json()
            if not (shown.get("items", True) or shown.get("total")):
                raise RuntimeError(f"the response to {query} is empty")
    return seconds[3:]


async def make_database(socket_folder: str) -> None:
    connection = await asyncpg.connect(url_of(socket_folder, "postgres", "postgres"))
    await connection.execute(f"CREATE DATABASE {DATABASE} OWNER shipledger")
    await connection.close()


async def prepared(socket_folder: str, chosen: argparse.Namespace) -> tuple[Company, dict[str, Any]]:
    """Fill the database and roll up its last days, unless it is kept from an earlier run."""
    database = Database(url_of(socket_folder, DATABASE), pool_size=1)
    await database.open()
    try:
        if chosen.keep and (kept := load(chosen.keep)):
            chosen.rows, chosen.teams = kept.rows, kept.teams
            return await company_of(kept, database, MASTER_SECRET), kept.rolled
        superuser_url = url_of(socket_folder, DATABASE, "postgres")
        company = await fill(database, superuser_url, MASTER_SECRET, chosen.rows, chosen.teams)
        rolled = await roll_up(database, superuser_url, company, chosen.teams)
        if chosen.keep:
            save(chosen.keep, company, chosen.rows, chosen.teams, rolled)
    finally:
        await database.close()
    return company, rolled


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    """Run the whole benchmark."""
    with postgres(*MEMORY, kept=chosen.keep) as socket_folder, redis_server() as redis_url:
        if not (chosen.keep and load(chosen.keep)):
            asyncio.run(make_database(socket_folder))
        upgrade(url_of(socket_folder, DATABASE))
        begins = time.perf_counter()
        company, rolled = asyncio.run(prepared(socket_folder, chosen))
        click.echo(f"filled in {time.perf_counter() - begins:.0f} s", err=True)
        studied = asyncio.run(measure_study(socket_folder, redis_url, company)) if not chosen.only else None
        questions = ask(socket_folder, redis_url, company, chosen)
        return {"rows": chosen.rows, "teams": chosen.teams, **rolled, "study": studied, "questions": questions}


async def measure_study(socket_folder: str, redis_url: str, company: Company) -> dict[str, float]:
    """Measure the daily studies; the first of them reads what later ones keep."""
    database = Database(url_of(socket_folder, DATABASE), pool_size=1)
    await database.open()
    try:
        return await study(database, redis_url, MASTER_SECRET, company)
    finally:
        await database.close()


def ask(socket_folder: str, redis_url: str, company: Company, chosen: argparse.Namespace) -> dict[str, Any]:
    """Measure every kind of question."""
    environment = {
        "DATABASE_URL": url_of(socket_folder, DATABASE, ROLES.application),
        "REDIS_URL": redis_url,
        "SHIPLEDGER_SECRET_KEY": MASTER_SECRET,
    }
    found = {}
    organization_id = company.organization.organization_id
    with serving("service.server", environment, "/health/ready") as service:
        for kind in (kind for kind in KINDS if chosen.only in kind):
            questions = [draw(kind, seed, company.first, company.last, chosen.teams) for seed in range(chosen.times)]
            inside = asyncio.run(in_postgres(environment["DATABASE_URL"], organization_id, kind, questions))
            outside = over_http(f"http://127.0.0.1:{service.port}", company, kind, chosen.times, chosen.teams)
            found[kind] = {
                "postgres": percentiles(inside.seconds),
                "postgres_cpu": percentiles(inside.cpu),
                "http": percentiles(outside),
            }
    return found


def show(results: Mapping[str, Any]) -> None:
    """Print the figures as a table."""
    click.echo(f"{results['rows']:,} rows of ledger, {results['teams']:,} teams\n")
    click.echo(f"{'milliseconds':46}{'PostgreSQL':>18}{'its CPU':>18}{'HTTP':>18}")
    click.echo(f"{'':46}" + f"{'p50':>9}{'p99':>9}" * 3)
    for kind, found in results["questions"].items():
        parts = [found[name][each] for name in ("postgres", "postgres_cpu", "http") for each in ("p50_ms", "p99_ms")]
        click.echo(f"{kind:46}" + "".join(f"{part:>9.1f}" for part in parts))
    click.echo(
        f"\nroll-up of a day of {results['teams']:,} teams: {results['day_seconds']:.1f} s (bar {DAY_BAR:.0f} s)"
    )
    if studied := results["study"]:
        click.echo(
            f"studies of effects: {studied['seconds']} s, of which the worker computed"
            f" {studied['worker_cpu_seconds']} s, PostgreSQL {studied['postgres_cpu_seconds']} s"
        )
    for team_days, rolled in results["rolled"].items():
        each = 1e3 * rolled["cpu_seconds"] / int(team_days)
        click.echo(
            f"  {int(team_days):>6,} changed team-days: {rolled['seconds']:.2f} s,"
            f" {rolled['cpu_seconds']:.2f} s of CPU, {each:.2f} ms each"
        )


def is_met(results: Mapping[str, Any]) -> bool:
    """Return whether all bars are met."""
    return results["day_seconds"] < DAY_BAR and all(
        found["postgres"]["p99_ms"] < POSTGRES_BAR and found["http"]["p99_ms"] < HTTP_BAR
        for found in results["questions"].values()
    )


def main() -> int:
    """Run the command; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.metrics", description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000, help="ledger rows (default: %(default)s)")
    parser.add_argument("--teams", type=int, default=1_000, help="teams (default: %(default)s)")
    parser.add_argument("--times", type=int, default=100, help="questions of each kind (default: %(default)s)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the database there, or use it again")
    parser.add_argument("--only", default="", metavar="TEXT", help="ask only kinds of questions with this text")
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
