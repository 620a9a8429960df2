"""Erase an organization: every row of every table that belongs to it, and its wake-ups in Redis.

First its key is destroyed, in a transaction of its own: from then on, nobody can compute the hashes in its rows, and
an organization without a key is known to be under erasure. Then its rows are deleted table by table. An interrupted
erasure goes on where it stopped when it is started again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from graphlib import TopologicalSorter

import asyncpg
import structlog

from schema.database import Connection, Database, Tenant
from schema.errors import NotFoundError
from schema.queue import Queue
from schema.settings import Settings
from service.administration.organizations import opened
from service.auth.caller import KNOWN_FOR_SECONDS

logger = structlog.get_logger()

# Deleting years of history takes longer than other statements may.
ERASE_SECONDS = 6 * 3600.0

_TABLES = """
    SELECT quote_ident(relname) AS name
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'organization_id'
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = current_schema()::regnamespace
"""

_REFERENCES = """
    SELECT quote_ident(child.relname) AS child, quote_ident(parent.relname) AS parent
    FROM pg_constraint
    JOIN pg_class AS child ON child.oid = conrelid
    JOIN pg_class AS parent ON parent.oid = confrelid
    WHERE contype = 'f' AND NOT child.relispartition AND child.oid <> parent.oid
      AND child.relnamespace = current_schema()::regnamespace
"""

# While this row is locked, no process adds rows that refer to it.
_LOCK = "SELECT name FROM organization WHERE organization_id = $1 FOR UPDATE"

# A process that has the key in memory goes on with the work at hand; no other starts.
_DESTROY_KEY = "UPDATE organization SET sealed_key = '' WHERE organization_id = $1"

_CLOSE_CONNECTIONS = """
    UPDATE connection SET state = 'deleted', sealed_secret = NULL, sealed_token = NULL WHERE organization_id = $1
    RETURNING last_delivery_at > now() - interval '2 minutes' AS is_in_use
"""

_REVOKE_KEYS = """
    UPDATE api_key SET revoked_at = now() WHERE organization_id = $1 AND revoked_at IS NULL
    RETURNING last_used_at > now() - interval '2 minutes' AS is_in_use
"""


async def count_rows(settings: Settings, organization_id: int) -> dict[str, int]:
    """Return how many rows of each table belong to an organization, without empty tables."""
    async with opened(settings) as database, database.organization(organization_id) as tenant:
        await _require(tenant, organization_id)
        counts = {
            table: await tenant.connection.fetchval(
                f"SELECT count(*) FROM {table} WHERE organization_id = $1",  # noqa: S608 - a name of the catalogue
                organization_id,
                timeout=ERASE_SECONDS,
            )
            for table in await _tables(tenant.connection)
        }
    return {table: count for table, count in counts.items() if count}


async def erase_organization(
    settings: Settings, organization_id: int, advance: Callable[[int], None] = lambda _: None
) -> dict[str, int]:
    """Delete an organization; returns how many rows of each table were deleted. Raises NotFoundError.

    `advance` gets each number of deleted rows.
    """
    async with opened(settings, as_owner=True) as database:
        await _shut(database, organization_id)
        deleted = await _delete_by_table(database, organization_id, advance)
        async with database.organization(organization_id) as tenant:
            await _require(tenant, organization_id)
            tables = await _tables(tenant.connection)
            for table in tables:
                deleted[table] += await _delete(tenant, table)
        await _clean(database, tables)
    await _forget_wake_ups(settings, organization_id)
    logger.warning("organization_erased", organization_id=organization_id, rows=deleted.total())
    return {table: count for table, count in deleted.items() if count}


async def _shut(database: Database, organization_id: int) -> None:
    """Destroy the organization's key, revoke its API keys, close its connections, and wait until processes know."""
    async with database.organization(organization_id) as tenant:
        await _require(tenant, organization_id)
        await tenant.execute(_DESTROY_KEY)
        used = [*await tenant.fetch(_REVOKE_KEYS), *await tenant.fetch(_CLOSE_CONNECTIONS)]
    if any(each["is_in_use"] for each in used):
        await asyncio.sleep(KNOWN_FOR_SECONDS)


async def _delete_by_table(database: Database, organization_id: int, advance: Callable[[int], None]) -> "Counter[str]":
    """Delete the rows of each table but the organization's own, each table in its own transaction."""
    deleted: Counter[str] = Counter()
    async with database.organization(organization_id) as tenant:
        tables = [table for table in await _tables(tenant.connection) if table != "organization"]
    for table in tables:
        # A worker that was still at work may have added rows that refer to these; the last transaction deletes them.
        with suppress(asyncpg.ForeignKeyViolationError):
            async with database.organization(organization_id) as tenant:
                count = await _delete(tenant, table)
            deleted[table] += count
            advance(count)
    return deleted


async def _delete(tenant: Tenant, table: str) -> int:
    status = await tenant.connection.execute(
        f"DELETE FROM {table} WHERE organization_id = $1",  # noqa: S608 - a name of the catalogue
        tenant.organization_id,
        timeout=ERASE_SECONDS,
    )
    return int(status.rpartition(" ")[2])


async def _clean(database: Database, tables: Iterable[str]) -> None:
    """Remove deleted rows from PostgreSQL's files, and values from its statistics; only owners of the tables can."""
    async with database.connection() as connection:
        for table in tables:
            await connection.execute(f"VACUUM (ANALYZE) {table}", timeout=ERASE_SECONDS)


async def _forget_wake_ups(settings: Settings, organization_id: int) -> None:
    queue = Queue(settings.redis_url)
    await queue.forget(organization_id)
    await queue.close()


async def _require(tenant: Tenant, organization_id: int) -> None:
    if await tenant.fetchval(_LOCK) is None:
        raise NotFoundError(
            f"organization {organization_id} does not exist; list organizations with: shipledger organization list"
        )


async def _tables(connection: Connection) -> Iterable[str]:
    """Return the tables with rows of organizations, each before those that it refers to."""
    tables = TopologicalSorter({row["name"]: set() for row in await connection.fetch(_TABLES)})
    for row in await connection.fetch(_REFERENCES):
        tables.add(row["parent"], row["child"])
    return list(tables.static_order())
