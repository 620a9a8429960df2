"""Erase an organization: every row of every table that belongs to it."""

import asyncio
from collections.abc import Iterable
from graphlib import TopologicalSorter

import structlog

from schema.database import Connection, Tenant
from schema.errors import NotFoundError
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


async def erase_organization(settings: Settings, organization_id: int) -> dict[str, int]:
    """Delete an organization; returns how many rows of each table were deleted. Raises NotFoundError.

    Its keys are revoked first, so that no process stores what arrives meanwhile.
    """
    async with opened(settings) as database:
        async with database.organization(organization_id) as tenant:
            await _require(tenant, organization_id)
            keys = await tenant.fetch(_REVOKE_KEYS)
        if any(key["is_in_use"] for key in keys):
            await asyncio.sleep(KNOWN_FOR_SECONDS)
        async with database.organization(organization_id) as tenant:
            await _require(tenant, organization_id)
            deleted = {
                table: _count(
                    await tenant.connection.execute(
                        f"DELETE FROM {table} WHERE organization_id = $1",  # noqa: S608 - a name of the catalogue
                        organization_id,
                        timeout=ERASE_SECONDS,
                    )
                )
                for table in await _tables(tenant.connection)
            }
    logger.warning("organization_erased", organization_id=organization_id, rows=sum(deleted.values()))
    return {table: count for table, count in deleted.items() if count}


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


def _count(status: str) -> int:
    """Return the number in a command tag such as `DELETE 7`."""
    return int(status.rpartition(" ")[2])
