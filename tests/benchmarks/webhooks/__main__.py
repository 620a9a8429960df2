"""Webhooks accepted per second by one process, compared with a bare Litestar handler that reads and drops the bodies.

    .venv/bin/python -m tests.benchmarks.webhooks [--backlog 100000] [--json]

Accepted means verified, stored durably (PostgreSQL syncs each commit to disk), and a worker woken. Service and bare
handler run in one process each, under the same server. They are driven in turn, so that other load on the machine
affects both, and the ratio is the median over the turns. No workers run, so the backlog stays.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from statistics import median, quantiles
from typing import Any

import asyncpg
import click
import httpx
import uvloop

from schema.database import Database
from service.administration.migrations import upgrade
from tests.benchmarks.reads.load import Rate, drive_all
from tests.benchmarks.reads.servers import Server, serving
from tests.benchmarks.webhooks import bare
from tests.benchmarks.webhooks.requests import Hook, bodies
from tests.harness.organization import Organization, make_organization
from tests.harness.servers import ROLES, postgres, redis_server, url_of

MASTER_SECRET = "a secret of the benchmark, long enough to be one"
DATABASE = "benchmark"
DURABLE = ("fsync = on", "synchronous_commit = on", "full_page_writes = on", "shared_buffers = '1GB'")
MEMORY = ("max_wal_size = '8GB'",)
BODIES = 100
BAR = 0.55
BAR_SECONDS = 0.05
# The timeout after which a forge counts a delivery as failed.
PATIENCE_SECONDS = 10.0

WAITING = """
    INSERT INTO delivery (organization_id, connection_id, deduplication_key, event, sealed_body)
    SELECT organization_id, connection_id, 'backlog/' || number, event, sealed_body
    FROM (SELECT * FROM delivery WHERE organization_id = $1 LIMIT 1) AS one, generate_series(1, $2::int) AS number
"""


async def prepared(socket_folder: str) -> Organization:
    """Create a migrated database with an organization."""
    administration = await asyncpg.connect(url_of(socket_folder, "postgres", "postgres"))
    await administration.execute(f"CREATE DATABASE {DATABASE} OWNER shipledger")
    await administration.close()
    await asyncio.to_thread(upgrade, url_of(socket_folder, DATABASE))
    database = Database(url_of(socket_folder, DATABASE))
    await database.open()
    try:
        return await make_organization(database, MASTER_SECRET)
    finally:
        await database.close()


async def fill(socket_folder: str, organization_id: int, backlog: int) -> None:
    """Add `backlog` waiting deliveries, copied from the existing one."""
    connection = await asyncpg.connect(url_of(socket_folder, DATABASE, "postgres"))
    await connection.execute(WAITING, organization_id, backlog)
    await connection.execute("VACUUM ANALYZE delivery")
    await connection.close()


async def count(socket_folder: str) -> int:
    """Return the number of stored deliveries."""
    connection = await asyncpg.connect(url_of(socket_folder, DATABASE, "postgres"))
    stored: int = await connection.fetchval("SELECT count(*) FROM delivery")
    await connection.close()
    return stored


def connected(port: int, organization: Organization) -> Hook:
    """Create a connection's webhook, and send its first delivery."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        answer = client.post("/api/v1/connections", json={"forge": "github"}, headers=organization.headers)
        made = answer.raise_for_status().json()
    return Hook(f"/webhooks/github/{made['id']}", made["secret"])


def measure(service: Server, bare_server: Server, hook: Hook, chosen: argparse.Namespace) -> dict[str, object]:
    """Measure both servers in turn."""
    sent = bodies(BODIES, chosen.size)

    def drive_one(server: Server, to: Hook, seconds: float) -> Rate:
        def begin() -> Iterator[bytes]:
            return to.requests(sent)

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(drive_all(server, begin, connections=chosen.connections, seconds=seconds, status=202))

    plain = Hook(bare.PATH, hook.secret)
    for server, to in ((service, hook), (bare_server, plain)):
        drive_one(server, to, 1.0)
    turns = [
        (drive_one(service, hook, chosen.seconds), drive_one(bare_server, plain, chosen.seconds))
        for _ in range(chosen.turns)
    ]
    took = [second for own, _ in turns for second in own.seconds]
    return {
        "requests_per_second": round(median(own.requests_per_second for own, _ in turns)),
        "bare_requests_per_second": round(median(bare.requests_per_second for _, bare in turns)),
        "ratio": round(median(own.requests_per_second / bare.requests_per_second for own, bare in turns), 3),
        "bar": BAR,
        "p50_milliseconds": round(1000 * median(took), 1),
        "p99_milliseconds": round(1000 * quantiles(took, n=100)[98], 1),
        "slowest_milliseconds": round(1000 * max(took), 1),
        "bar_milliseconds": 1000 * BAR_SECONDS,
        "cpu_microseconds": round(1e6 * median(own.server_cpu / own.requests_per_second for own, _ in turns)),
        "bare_cpu_microseconds": round(1e6 * median(bare.server_cpu / bare.requests_per_second for _, bare in turns)),
        "sender_cpu": round(max(rate.sender_cpu for turn in turns for rate in turn), 2),
    }


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    """Run the whole benchmark."""
    with postgres(*DURABLE, *MEMORY) as socket_folder, redis_server() as redis_url:
        organization = asyncio.run(prepared(socket_folder))
        environment = {
            "DATABASE_URL": url_of(socket_folder, DATABASE, ROLES.application),
            "REDIS_URL": redis_url,
            "SHIPLEDGER_SECRET_KEY": MASTER_SECRET,
        }
        with (
            serving("service.server", environment, "/health/ready") as service,
            serving(bare.__name__, {}, bare.READY) as bare_server,
        ):
            hook = connected(service.port, organization)
            first = next(hook.requests(bodies(1, chosen.size)))
            deliver(service.port, hook, first)
            asyncio.run(fill(socket_folder, organization.organization_id, chosen.backlog))
            results = measure(service, bare_server, hook, chosen)
            stored = asyncio.run(count(socket_folder))
    return {
        "backlog": chosen.backlog,
        "connections": chosen.connections,
        "size": chosen.size,
        "stored": stored,
        **results,
    }


def deliver(port: int, hook: Hook, request: bytes) -> None:
    """Send one delivery, from which the backlog is copied."""
    head, _, body = request.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    httpx.post(f"http://127.0.0.1:{port}{hook.path}", content=body, headers=headers, trust_env=False).raise_for_status()


def is_reached(results: Mapping[str, Any]) -> bool:
    """Return whether every bar is reached."""
    quick = results["p99_milliseconds"] < 1000 * BAR_SECONDS
    return results["ratio"] >= BAR and quick and results["slowest_milliseconds"] < 1000 * PATIENCE_SECONDS


def show(results: Mapping[str, Any]) -> None:
    """Print the figures."""
    click.echo(
        f"{results['requests_per_second']:,} webhooks/s of {results['size']:,} bytes accepted by one process at "
        f"{results['connections']} connections, {results['backlog']:,} waiting\n"
        f"{results['ratio']:.0%} of the bare handler's {results['bare_requests_per_second']:,}/s (bar {BAR:.0%})\n"
        f"answered within {results['p99_milliseconds']} ms in 99 % (bar {1000 * BAR_SECONDS:.0f}), "
        f"the slowest within {results['slowest_milliseconds']} ms"
    )


def main() -> int:
    """Run the command; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.webhooks", description=__doc__.partition("\n")[0])
    parser.add_argument("--backlog", type=int, default=100_000, help="waiting deliveries (default: %(default)s)")
    parser.add_argument("--size", type=int, default=20_000, help="bytes per body (default: %(default)s)")
    parser.add_argument(
        "--connections", type=int, default=32, help="concurrent keep-alive connections (default: %(default)s)"
    )
    parser.add_argument("--seconds", type=float, default=3.0, help="seconds per turn (default: %(default)s)")
    parser.add_argument("--turns", type=int, default=5, help="turns per server (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    chosen = parser.parse_args()
    results = run(chosen)
    if chosen.json:
        click.echo(json.dumps(results))
    else:
        show(results)
    return int(not is_reached(results))


if __name__ == "__main__":
    sys.exit(main())
