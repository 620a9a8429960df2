"""Checks of the role in DATABASE_URL, and the transaction in which `doctor` reads what is stored."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from schema.database import CONNECT_SECONDS
from schema.outages import DATABASE_ERRORS
from schema.settings import Settings
from service.diagnosis.finding import Finding, missing, ok, warning

RLS = "row-level security"
ROLES = "database roles"

_ROLE = """
SELECT rolname, rolsuper OR rolbypassrls AS is_above, pg_get_userbyid(relowner) AS owner,
       pg_has_role(relowner, 'USAGE') AS is_owner
  FROM pg_roles LEFT JOIN pg_class ON pg_class.oid = to_regclass('organization')
 WHERE rolname = current_user
"""
_MAY_SWEEP = "SELECT has_function_privilege(to_regprocedure('find_resting_days()'), 'EXECUTE')"
_HAS_RIGHTS = "SELECT has_function_privilege(to_regprocedure('only_organization()'), 'EXECUTE')"
_READS_REVISION = "SELECT has_table_privilege(to_regclass('alembic_version'), 'SELECT')"


async def has_rights(connection: asyncpg.Connection) -> bool:
    """Return whether the role may look up organizations; False also before the database is migrated."""
    return bool(await connection.fetchval(_HAS_RIGHTS))


async def check_rights(connection: asyncpg.Connection) -> Finding | None:
    """Return a finding if the role may not even read at which revision the tables are."""
    if await connection.fetchval(_READS_REVISION) is not False:
        return None
    remedy = "set SHIPLEDGER_OWNER_DATABASE_URL to the owner of the tables, and run: shipledger migrate"
    return missing(ROLES, "the role in DATABASE_URL has no rights on the tables", remedy)


async def check_roles(connection: asyncpg.Connection) -> list[Finding]:
    """Check that row-level security applies to the role, and that it is neither the owner nor that of workers."""
    role = await connection.fetchrow(_ROLE)
    if role["is_above"]:
        remedy = "use a role with NOSUPERUSER NOBYPASSRLS; see docs/security.md"
        return [warning(RLS, "does not apply to the role in DATABASE_URL", remedy)]
    return [ok(RLS, "applies to the role in DATABASE_URL"), *await _check_separation(connection, role)]


async def _check_separation(connection: asyncpg.Connection, role: asyncpg.Record) -> list[Finding]:
    if role["owner"] is None:
        return []
    if role["is_owner"]:
        remedy = f"run shipledger migrate, and set DATABASE_URL to {role['owner']}_application; see docs/security.md"
        return [warning(ROLES, "the role in DATABASE_URL owns the tables and can see every organization", remedy)]
    if await connection.fetchval(_MAY_SWEEP):
        remedy = f"set DATABASE_URL to {role['owner']}_application; see docs/security.md"
        return [warning(ROLES, "the role in DATABASE_URL is that of workers, which finds every organization", remedy)]
    return [ok(ROLES, "the role in DATABASE_URL sees one organization at a time")]


@asynccontextmanager
async def stored_data(connection: asyncpg.Connection, settings: Settings) -> AsyncIterator[asyncpg.Connection | None]:
    """Begin a transaction that sees the data of all organizations, as the owner of the tables.

    Without the owner's URL it sees the only organization; yields None if there are several.
    """
    owner = await _connect_owner(settings)
    try:
        reading = owner or connection
        async with reading.transaction():
            role = await reading.fetchrow(_ROLE)
            if role["is_owner"]:
                await reading.execute("SET LOCAL shipledger.operator = 'on'")
                yield reading
                return
            row = await reading.fetchrow("SELECT organizations, organization_id FROM only_organization()")
            if row["organization_id"] is not None:
                await reading.execute(f"SET LOCAL shipledger.organization_id = '{row['organization_id']}'")
            yield reading if row["organizations"] <= 1 else None
    finally:
        if owner is not None:
            await owner.close()


async def _connect_owner(settings: Settings) -> asyncpg.Connection | None:
    if not settings.owner_database_url:
        return None
    try:
        return await asyncpg.connect(settings.owner_database_url, timeout=CONNECT_SECONDS)
    except DATABASE_ERRORS:
        return None
