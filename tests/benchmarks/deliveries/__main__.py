"""Deliveries per second that one worker process records from a backlog.

    .venv/bin/python -m tests.benchmarks.deliveries [--deliveries 20000] [--organizations 1] [--json]

Webhooks of a simulated company (pushes, pull requests, reviews, tags and releases of several repositories) wait sealed
in the database. Then the worker is woken, and the time until no row waits is measured. Processed means decrypted,
parsed, recorded, and everything derived from it updated; PostgreSQL syncs each commit to disk. The tables start empty,
without statistics.
"""

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import asyncpg
import click
import psutil

from schema.database import Database
from schema.encryption import Vault
from schema.key_ring import KeyRing
from schema.queue import Job, Queue
from service.administration.migrations import upgrade
from service.simulation.github_payloads import Webhook
from tests.benchmarks.deliveries.reported import large_body, reported
from tests.harness.organization import make_organization
from tests.harness.servers import ROLES, postgres, redis_server, url_of

MASTER_SECRET = "a secret of the benchmark, long enough to be one"
DATABASE = "benchmark"
DURABLE = ("fsync = on", "synchronous_commit = on", "full_page_writes = on")
MEMORY = ("shared_buffers = '1GB'", "max_wal_size = '8GB'")
BAR = 3000
POLL_SECONDS = 0.02
COLUMNS = ("organization_id", "connection_id", "deduplication_key", "event", "sealed_body")


async def prepared(socket_folder: str, organizations: int) -> list[int]:
    """Create a migrated database with organizations, each with a connection."""
    administration = await asyncpg.connect(url_of(socket_folder, "postgres", "postgres"))
    await administration.execute(f"CREATE DATABASE {DATABASE} OWNER shipledger")
    await administration.close()
    await asyncio.to_thread(upgrade, url_of(socket_folder, DATABASE))
    database = Database(url_of(socket_folder, DATABASE))
    await database.open()
    made = [await make_organization(database, MASTER_SECRET, f"number {each}") for each in range(organizations)]
    await database.close()
    return [each.organization_id for each in made]


async def fill(socket_folder: str, organization_id: int, webhooks: Sequence[Webhook]) -> None:
    """Store waiting deliveries for an organization."""
    vault, connection_id = Vault(KeyRing.of(MASTER_SECRET), "body"), uuid.uuid4()
    connection = await asyncpg.connect(url_of(socket_folder, DATABASE, "postgres"))
    await connection.execute(
        "INSERT INTO connection (organization_id, connection_id, forge, host) VALUES ($1, $2, 'github', 'github.com')",
        organization_id,
        connection_id,
    )
    rows = [
        (organization_id, connection_id, each.delivery, each.event, vault.seal(organization_id, large_body(each)))
        for each in webhooks
    ]
    await connection.copy_records_to_table("delivery", records=rows, columns=COLUMNS)
    await connection.close()


class Spent(NamedTuple):
    """Elapsed seconds, and CPU seconds of the worker and of PostgreSQL."""

    passed: float
    worker: float
    database: float


async def drained(socket_folder: str, redis_url: str, organizations: Sequence[int], worker: psutil.Process) -> Spent:
    """Wake the worker for each organization, and wait until no delivery waits."""
    queue = Queue(redis_url)
    connection = await asyncpg.connect(url_of(socket_folder, DATABASE, "postgres"))
    server = psutil.Process(connection.get_server_pid()).parent()
    assert server is not None
    started, before = time.perf_counter(), (processor_time(worker), processor_time(*server.children()))
    for organization_id in organizations:
        await queue.wake(Job.PROCESS_DELIVERIES, organization_id)
    while await connection.fetchval("SELECT EXISTS (SELECT FROM delivery WHERE state = 'waiting' AND attempts = 0)"):
        if not worker.is_running():
            raise RuntimeError("the worker exited before it was done")
        await asyncio.sleep(POLL_SECONDS)
    after = processor_time(worker), processor_time(*server.children())
    spent = Spent(time.perf_counter() - started, after[0] - before[0], after[1] - before[1])
    states = dict(await connection.fetch("SELECT state, count(*) FROM delivery GROUP BY state"))
    await connection.close()
    await queue.close()
    if set(states) != {"processed"}:
        raise RuntimeError(f"not every delivery was processed: {states}")
    return spent


def processor_time(*processes: psutil.Process) -> float:
    """Return the CPU seconds of processes."""
    times = [each.cpu_times() for each in processes]
    return sum(each.user + each.system for each in times)


@contextlib.contextmanager
def working(environment: Mapping[str, str]) -> Iterator[psutil.Process]:
    """Run a worker process."""
    process = subprocess.Popen([sys.executable, "-m", "workers.main"], env={**os.environ, **environment})
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    """Run the whole benchmark."""
    webhooks = reported(chosen.deliveries // chosen.organizations)
    with postgres(*DURABLE, *MEMORY) as socket_folder, redis_server() as redis_url:
        environment = {
            "DATABASE_URL": url_of(socket_folder, DATABASE, ROLES.sweep),
            "REDIS_URL": redis_url,
            "SHIPLEDGER_SECRET_KEY": MASTER_SECRET,
            # No sweep, so that the worker waits for the wake-up.
            "SHIPLEDGER_SWEEP_INTERVAL": "PT1H",
            "SHIPLEDGER_LOG_LEVEL": "warning",
        }
        organizations = asyncio.run(prepared(socket_folder, chosen.organizations))
        with working(environment) as worker:
            for organization_id in organizations:
                asyncio.run(fill(socket_folder, organization_id, webhooks))
            spent = asyncio.run(drained(socket_folder, redis_url, organizations, worker))
    number = len(webhooks) * len(organizations)
    return {
        "deliveries": number,
        "organizations": len(organizations),
        "events": dict(Counter(each.event for each in webhooks).most_common()),
        "mean_bytes": round(sum(len(large_body(each)) for each in webhooks[:500]) / len(webhooks[:500])),
        "seconds": round(spent.passed, 2),
        "deliveries_per_second": round(number / spent.passed),
        "bar": BAR,
        "worker_cpu_microseconds": round(1e6 * spent.worker / number),
        "database_cpu_microseconds": round(1e6 * spent.database / number),
        "load": round(os.getloadavg()[0], 1),
    }


def main() -> int:
    """Run the command; return 1 if the bar is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.deliveries", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--deliveries", type=int, default=20_000, help="number of deliveries (default: %(default)s)")
    parser.add_argument("--organizations", type=int, default=1, help="number of organizations (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    chosen = parser.parse_args()
    results = run(chosen)
    if chosen.json:
        click.echo(json.dumps(results))
    else:
        click.echo(
            f"{results['deliveries_per_second']:,} deliveries/s of {results['mean_bytes']:,} bytes by one worker "
            f"process (bar {BAR:,}), {results['worker_cpu_microseconds']} µs of its CPU and "
            f"{results['database_cpu_microseconds']} µs of PostgreSQL's each, load {results['load']}"
        )
    return int(results["deliveries_per_second"] < BAR)


if __name__ == "__main__":
    sys.exit(main())
