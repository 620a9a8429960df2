"""What a stack stored: waiting until nothing waits, reading it, and emptying it again."""

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
    """Every derived row once nothing waits, and how many events of those told were never processed."""
    connection = await _drain(stack)
    try:
        rows = await connection.fetch("SELECT deduplication_key FROM delivery WHERE state IN ('processed', 'ignored')")
        processed = {row["deduplication_key"].rpartition("/")[2] for row in rows}
        return await read_derived(connection), len(reported - processed)
    finally:
        await connection.close()


async def empty_tables(stack: Up) -> list[str]:
    """Names of all tables that hold nothing yet."""
    connection = await asyncpg.connect(_superuser(stack.database_url))
    try:
        names = [row["relname"] for row in await connection.fetch(TABLES)]
        # As PostgreSQL names its tables.
        return [name for name in names if not await connection.fetchval(f"SELECT EXISTS (SELECT FROM {name})")]
    finally:
        await connection.close()


async def forget(stack: Up, tables: list[str]) -> None:
    """Let these tables hold nothing again, and connections no token: what comes now is as new as it was at first."""
    connection = await asyncpg.connect(_superuser(stack.database_url))
    try:
        async with connection.transaction():
            # All of them are emptied, whichever refers to whichever.
            await connection.execute("SET LOCAL session_replication_role = 'replica'")
            await connection.execute("UPDATE connection SET sealed_token = NULL")
            for name in tables:
                await connection.execute(f"DELETE FROM {name}")
    finally:
        await connection.close()


async def _drain(stack: Up) -> asyncpg.Connection:
    """Wait until nothing waits; a connection to read with."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < deadline:
        try:
            connection = await asyncpg.connect(_superuser(stack.database_url))
        except (OSError, asyncpg.PostgresError):
            await asyncio.sleep(POLL_SECONDS)
            continue
        if not await connection.fetchval(WAITING):
            return connection
        await connection.close()
        await asyncio.sleep(POLL_SECONDS)
    raise RuntimeError("deliveries wait for ever")


def _superuser(database_url: str) -> str:
    """A role that row-level security does not bind, since all is read."""
    return database_url.replace("postgresql://shipledger@", "postgresql://postgres@", 1)
