"""Export of many ledger rows over HTTP, compared with COPY of the same view, and the service's memory.

    .venv/bin/python -m tests.benchmarks.exports [--rows 1000000] [--json]

Both read the same view in turn, so that other load on the machine affects both.
"""

import asyncio
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import asyncpg
import click
import httpx
import psutil

from schema.database import Database
from service.administration.migrations import upgrade
from tests.benchmarks.exports.fill import fill
from tests.benchmarks.reads.servers import Server, serving
from tests.harness.servers import ROLES, postgres, redis_server, url_of

MASTER_SECRET = "a secret of the benchmark, long enough to be one"
DATABASE = "benchmark"
MEMORY = ("shared_buffers = '1GB'", "max_wal_size = '8GB'")
BAR_RATIO, BAR_MEGABYTES = 0.5, 200
SAMPLE_SECONDS = 0.02
READY = "/health/ready"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--rows", default=1_000_000, show_default=True, help="Ledger rows of one organization.")
@click.option("--turns", default=3, show_default=True, help="Turns of each way.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(rows: int, turns: int, as_json: bool) -> None:
    """Export ledger rows as CSV and Parquet, and COPY the same rows to CSV."""
    with postgres(*MEMORY) as socket_folder, redis_server() as redis_url:
        asyncio.run(_make_database(socket_folder))
        upgrade(url_of(socket_folder, DATABASE))
        organization_id, key = asyncio.run(_fill(socket_folder, rows))
        environment = {
            "DATABASE_URL": url_of(socket_folder, DATABASE, ROLES.application),
            "REDIS_URL": redis_url,
            "SHIPLEDGER_SECRET_KEY": MASTER_SECRET,
        }
        with serving("service.server", environment, READY) as service:
            found = _measure(socket_folder, organization_id, service, key, turns)
    found |= {"rows": rows, "bar_ratio": BAR_RATIO, "bar_megabytes": BAR_MEGABYTES}
    click.echo(json.dumps(found) if as_json else _as_text(found))
    raise SystemExit(int(found["ratio"] < BAR_RATIO or found["csv_megabytes"] >= BAR_MEGABYTES))


def _measure(socket_folder: str, organization_id: int, service: Server, key: str, turns: int) -> dict[str, float]:
    copies, downloads, memory = [], [], 0.0
    _download(service, key, "csv")
    for _ in range(turns):
        copies.append(asyncio.run(_copy(socket_folder, organization_id)))
        with _peak(service.process) as peak:
            downloads.append(_download(service, key, "csv"))
        memory = max(memory, peak[0])
    with _peak(service.process) as parquet_peak:
        parquet_seconds = _download(service, key, "parquet")
    return {
        "copy_seconds": round(median(copies), 2),
        "csv_seconds": round(median(downloads), 2),
        "ratio": round(median(copy / download for copy, download in zip(copies, downloads, strict=True)), 3),
        "csv_megabytes": round(memory, 1),
        "parquet_seconds": round(parquet_seconds, 2),
        "parquet_megabytes": round(parquet_peak[0], 1),
    }


async def _copy(socket_folder: str, organization_id: int) -> float:
    """Return the seconds in which PostgreSQL copies the whole view to CSV for a client that drops it."""
    database = Database(url_of(socket_folder, DATABASE))
    await database.open()
    try:
        async with database.organization(organization_id) as tenant:
            began = time.perf_counter()
            await tenant.connection.copy_from_query(
                "SELECT * FROM reporting.attribution", output=os.devnull, format="csv", header=True
            )
            return time.perf_counter() - began
    finally:
        await database.close()


def _download(service: Server, key: str, file_format: str) -> float:
    began = time.perf_counter()
    url = f"http://127.0.0.1:{service.port}/api/v1/exports/attributions"
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.stream(
        "GET", url, params={"format": file_format}, headers=headers, timeout=600, trust_env=False
    ) as response:
        response.raise_for_status()
        for _ in response.iter_raw():
            pass
    return time.perf_counter() - began


@contextmanager
def _peak(process: psutil.Process) -> Iterator[list[float]]:
    """Yield a list that ends with the largest resident memory of a process meanwhile, in megabytes."""
    peak, is_over = [0.0], threading.Event()

    def sample() -> None:
        while not is_over.wait(SAMPLE_SECONDS):
            peak[0] = max(peak[0], process.memory_info().rss / 1e6)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield peak
    finally:
        is_over.set()
        thread.join()


async def _make_database(socket_folder: str) -> None:
    connection = await asyncpg.connect(url_of(socket_folder, "postgres", "postgres"))
    await connection.execute(f"CREATE DATABASE {DATABASE} OWNER shipledger")
    await connection.close()


async def _fill(socket_folder: str, rows: int) -> tuple[int, str]:
    database = Database(url_of(socket_folder, DATABASE))
    await database.open()
    try:
        return await fill(database, url_of(socket_folder, DATABASE, "postgres"), MASTER_SECRET, rows)
    finally:
        await database.close()


def _as_text(found: dict[str, float]) -> str:
    seconds = f"COPY {found['copy_seconds']} s, CSV over HTTP {found['csv_seconds']} s"
    lines = (
        f"{found['rows']:,} rows: {seconds}, {found['ratio']} of COPY (bar {BAR_RATIO})",
        f"memory of the service: {found['csv_megabytes']} MB (bar {BAR_MEGABYTES} MB)",
        f"Parquet: {found['parquet_seconds']} s, {found['parquet_megabytes']} MB",
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
