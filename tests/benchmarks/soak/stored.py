"""The stored rows of a stack: wait until no delivery waits, read the rows, and delete them."""

import asyncio
import time

import asyncpg

from tests.benchmarks.soak.tables import read_derived
from tests.harness.shipledger_up import Up

POLL_SECONDS = 0.5
DRAIN_SECONDS = 1800.0

TABLES = """
    SELECT oid::regclass::text AS relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY oid
"""
WAITING = "SELECT count(*) FROM delivery WHERE state = 'waiting'"


async def settled(stack: Up, reported: set[str]) -> tuple[dict[str, set[str]], int]:
    """Return every derived row once no delivery waits, and how many of the reported events were never processed."""
    connection = await _drain(stack)
    try:
        rows = await connection.fetch("SELECT deduplication_key FROM delivery WHERE state IN ('processed', 'ignored')")
        processed = {row["deduplication_key"] for row in rows}
        return await read_derived(connection), len(reported - processed)
    finally:
        await connection.close()


async def empty_tables(stack: Up) -> list[str]:
    """Return the names of all empty tables."""
    connection = await asyncpg.connect(_superuser(stack.owner_url))
    try:
        names = [row["relname"] for row in await connection.fetch(TABLES)]
        # Names from PostgreSQL's catalog.
        return [name for name in names if not await connection.fetchval(f"SELECT EXISTS (SELECT FROM {name})")]
    finally:
        await connection.close()


async def forget(stack: Up, tables: list[str]) -> None:
    """Empty these tables and remove the connections' tokens, so that everything is as at the start."""
    connection = await asyncpg.connect(_superuser(stack.owner_url))
    try:
        async with connection.transaction():
            # Without foreign key checks, so that the order does not matter.
            await connection.execute("SET LOCAL session_replication_role = 'replica'")
            await connection.execute("UPDATE connection SET sealed_token = NULL")
            for name in tables:
                await connection.execute(f"DELETE FROM {name}")
    finally:
        await connection.close()


async def _drain(stack: Up) -> asyncpg.Connection:
    """Wait until no delivery waits; return a connection to read with."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < deadline:
        try:
            connection = await asyncpg.connect(_superuser(stack.owner_url))
        except (OSError, asyncpg.PostgresError):
            await asyncio.sleep(POLL_SECONDS)
            continue
        if not await connection.fetchval(WAITING):
            return connection
        await connection.close()
        await asyncio.sleep(POLL_SECONDS)
    raise RuntimeError("deliveries wait forever")


def _superuser(database_url: str) -> str:
    """Return the URL of a role that bypasses row-level security, to read everything."""
    return database_url.replace("postgresql://shipledger@", "postgresql://postgres@", 1)
