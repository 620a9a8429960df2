"""Requests per second of read endpoints on a large ledger, compared with a bare Litestar JSON handler.

    .venv/bin/python -m tests.benchmarks.reads [--rows 10000000] [--json]

Service and bare handler run in one process each, under the same server, and return the same bytes. They are driven in
turn, so that other load on the machine affects both, and each ratio is the median over the turns.
"""

import argparse
import asyncio
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote, urlencode

import asyncpg
import click
import httpx
import uvloop

from schema.database import Database
from service.administration.migrations import upgrade
from tests.benchmarks.reads import bare
from tests.benchmarks.reads.fill import Question, fill
from tests.benchmarks.reads.load import Rate, drive
from tests.benchmarks.reads.servers import Server, serving
from tests.harness.servers import ROLES, postgres, redis_server, url_of

MASTER_SECRET = "a secret of the benchmark, long enough to be one"
DATABASE = "benchmark"
# Reasonable for so many rows; PostgreSQL's defaults are for much smaller machines.
MEMORY = ("shared_buffers = '2GB'", "max_wal_size = '16GB'")
# Required shares of the bare handler's requests per second.
BARS = {"attribution_by_artifact_id": 0.40, "attribution_by_number": 0.40, "weekly_tokens_per_pr": 0.35}


def paths(question: Question) -> dict[str, str]:
    """Return the paths to request for a question, by the names in `BARS`."""
    by_number = urlencode({"forge": "github", "repository": question.repository, "number": question.number})
    weekly = urlencode({"team": question.team, "bucket": "week"})
    return {
        "attribution_by_artifact_id": f"/api/v1/attributions?artifact_id={quote(question.artifact_id)}",
        "attribution_by_number": f"/api/v1/attributions?{by_number}",
        "weekly_tokens_per_pr": f"/api/v1/metrics/tokens-per-pr?{weekly}",
    }


def request(path: str, key: str) -> bytes:
    """Return the bytes of a request."""
    return f"GET {path} HTTP/1.1\r\nHost: benchmark\r\nAuthorization: Bearer {key}\r\n\r\n".encode()


def answers_of(port: int, question: Question) -> dict[str, object]:
    """Return the service's responses, after checking them."""
    headers = {"Authorization": f"Bearer {question.key}"}
    answers = {}
    for name, path in paths(question).items():
        answer = httpx.get(f"http://127.0.0.1:{port}{path}", headers=headers, trust_env=False).raise_for_status().json()
        if not answer["items"]:
            raise RuntimeError(f"the response to {path} is empty")
        answers[name] = answer
    return answers


def measure(
    service: Server, bare_server: Server, name: str, questions: Sequence[Question], chosen: argparse.Namespace
) -> dict[str, object]:
    """Measure both servers in turn on one kind of request, with another organization's caller each turn."""
    callers: dict[str, list[bytes]] = {}
    for question in questions:
        caller = "all" if chosen.mixed else question.key
        callers.setdefault(caller, []).append(request(paths(question)[name], question.key))
    asked = itertools.cycle(callers.values())
    plain = [request(f"/{name}", questions[0].key)]

    def drive_one(server: Server, requests: list[bytes], seconds: float) -> Rate:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(drive(server, requests, connections=chosen.connections, seconds=seconds))

    for requests in callers.values():
        drive_one(service, requests, 1.0)
    drive_one(bare_server, plain, 1.0)
    turns = [
        (drive_one(service, next(asked), chosen.seconds), drive_one(bare_server, plain, chosen.seconds))
        for _ in range(chosen.turns)
    ]
    return {
        "requests_per_second": round(median(own.requests_per_second for own, _ in turns)),
        "bare_requests_per_second": round(median(plain.requests_per_second for _, plain in turns)),
        "ratio": round(median(own.requests_per_second / plain.requests_per_second for own, plain in turns), 3),
        "bar": BARS[name],
        "cpu_microseconds": round(1e6 * median(own.server_cpu / own.requests_per_second for own, _ in turns)),
        "bare_cpu_microseconds": round(
            1e6 * median(plain.server_cpu / plain.requests_per_second for _, plain in turns)
        ),
        "sender_cpu": round(max(rate.sender_cpu for turn in turns for rate in turn), 2),
    }


async def filled(socket_folder: str, rows: int) -> list[Question]:
    """Create the database with its rows."""
    database = Database(url_of(socket_folder, DATABASE))
    await database.open()
    try:
        return await fill(database, url_of(socket_folder, DATABASE, "postgres"), MASTER_SECRET, rows)
    finally:
        await database.close()


async def make_database(socket_folder: str) -> None:
    connection = await asyncpg.connect(url_of(socket_folder, "postgres", "postgres"))
    await connection.execute(f"CREATE DATABASE {DATABASE} OWNER shipledger")
    await connection.close()


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    """Run the whole benchmark."""
    with postgres(*MEMORY) as socket_folder, redis_server() as redis_url, tempfile.TemporaryDirectory() as folder:
        asyncio.run(make_database(socket_folder))
        upgrade(url_of(socket_folder, DATABASE))
        started = time.perf_counter()
        questions = asyncio.run(filled(socket_folder, chosen.rows))
        fill_seconds = time.perf_counter() - started
        click.echo(f"filled in {fill_seconds:.0f} s", err=True)
        environment = {
            "DATABASE_URL": url_of(socket_folder, DATABASE, ROLES.application),
            "REDIS_URL": redis_url,
            "SHIPLEDGER_SECRET_KEY": MASTER_SECRET,
        }
        with serving("service.server", environment, "/health/ready") as service:
            answers = answers_of(service.port, questions[0])
            known = Path(folder) / "answers.json"
            known.write_text(json.dumps({f"/{name}": answer for name, answer in answers.items()}))
            with serving(bare.__name__, {bare.ANSWERS: str(known)}, f"/{next(iter(BARS))}") as bare_server:
                results = {name: measure(service, bare_server, name, questions, chosen) for name in BARS}
    return {"rows": chosen.rows, "fill_seconds": round(fill_seconds), "connections": chosen.connections, **results}


def show(results: Mapping[str, Any]) -> None:
    """Print the figures as a table."""
    click.echo(f"{results['rows']:,} rows of ledger, {results['connections']} connections, one process\n")
    click.echo(f"{'':34}{'requests/s':>12}{'bare':>8}{'ratio':>8}{'bar':>7}{'sender':>9}")
    for name in BARS:
        found = results[name]
        click.echo(
            f"{name:34}{found['requests_per_second']:>12,}{found['bare_requests_per_second']:>8,}"
            f"{found['ratio']:>8.2f}{found['bar']:>7.2f}{found['sender_cpu']:>9.0%}"
        )


def main() -> int:
    """Run the command; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.reads", description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000, help="ledger rows (default: %(default)s)")
    parser.add_argument(
        "--connections", type=int, default=32, help="concurrent keep-alive connections (default: %(default)s)"
    )
    parser.add_argument("--seconds", type=float, default=3.0, help="seconds per turn (default: %(default)s)")
    parser.add_argument("--turns", type=int, default=7, help="turns per server (default: %(default)s)")
    parser.add_argument("--mixed", action="store_true", help="mix callers of all organizations")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    chosen = parser.parse_args()
    results = run(chosen)
    if chosen.json:
        click.echo(json.dumps(results))
    else:
        show(results)
    return int(any(results[name]["ratio"] < bar for name, bar in BARS.items()))


if __name__ == "__main__":
    sys.exit(main())
