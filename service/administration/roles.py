"""The roles beside the owner of the tables: what the service and the sweeps of workers may do; see docs/security.md.

Both are named after the owner. Every migration ends with `set_up_roles`, which changes only what is missing, so that it
also covers the tables of later migrations.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import asyncpg

from schema.database import CONNECT_SECONDS
from service.administration import policies
from service.administration.sql_names import literal, quoted

# The same number as in alembic/env.py: one process at a time.
ADVISORY_LOCK = 5_417_201

LOOK_UPS = (
    "count_backlog",
    "find_github_apps",
    "find_installation",
    "find_sealed_key",
    "find_sign_in_rules",
    "only_organization",
)
SWEEPS = (
    "drop_token_event_partition",
    "find_resting_days",
    "make_token_event_partition",
    "refresh_planner_statistics",
)

_OWNER = """
SELECT pg_get_userbyid(relowner) AS owner, pg_has_role(relowner, 'USAGE') AS is_owner, current_schema() AS schema,
       current_database() AS database,
       (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) AS may_create
  FROM pg_class WHERE oid = to_regclass('organization')
"""

# Tables that the application only adds to and reads: nobody who takes over the service changes what it did before.
APPEND_ONLY = ("audit_entry",)

# Tables that the application may not change yet. Partitions are not among them: rights on their table are enough.
_CLOSED_TABLES = """
SELECT relname AS name FROM pg_class
 WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
   AND relname <> 'alembic_version' AND relname <> ALL($2::text[])
   AND NOT (has_table_privilege($1, oid, 'SELECT') AND has_table_privilege($1, oid, 'INSERT')
            AND has_table_privilege($1, oid, 'UPDATE') AND has_table_privilege($1, oid, 'DELETE'))
 ORDER BY relname
"""

_CLOSED_FUNCTIONS = """
SELECT proname AS name FROM pg_proc
 WHERE pronamespace = current_schema()::regnamespace AND proname = ANY($2::text[])
   AND NOT has_function_privilege($1, oid, 'EXECUTE')
 ORDER BY proname
"""

# Schemas, views and sequences need few rights, which are given again each time.
_GRANTS = (
    "REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC",
    "GRANT TEMPORARY ON DATABASE {database} TO {application}",
    "GRANT USAGE ON SCHEMA {schema}, reporting TO {application}",
    "GRANT SELECT ON alembic_version TO {application}",
    "GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO {application}",
    "GRANT USAGE ON SEQUENCE organization_organization_id_seq TO {application}",
)


@dataclass(frozen=True, slots=True)
class Roles:
    """The three roles of a database."""

    owner: str

    @property
    def application(self) -> str:
        """Return the role of the service: it changes rows of one organization at a time, and owns nothing."""
        return f"{self.owner}_application"

    @property
    def sweep(self) -> str:
        """Return the role of workers: an application that also finds rows of every organization."""
        return f"{self.owner}_sweep"


def passwords(*urls: str) -> dict[str, str]:
    """Return the passwords of the roles in URLs, for those that are created."""
    parts = [urlsplit(url) for url in urls]
    return {unquote(part.username): unquote(part.password) for part in parts if part.username and part.password}


async def set_up_roles(database_url: str, known_passwords: Mapping[str, str] | None = None) -> list[str]:
    """Create the roles, and give them their rights; needs the owner's URL of a migrated database.

    Returns the statements that a superuser must run first; empty if everything is set up. Leaves a database alone that
    belongs to another role.
    """
    connection = await asyncpg.connect(database_url, timeout=CONNECT_SECONDS)
    try:
        await connection.execute(f"SELECT pg_advisory_lock({ADVISORY_LOCK}); SET lock_timeout = '5s'")
        found = await connection.fetchrow(_OWNER)
        if found is None or not found["is_owner"]:
            return []
        roles = Roles(found["owner"])
        missing = await _missing(connection, roles, known_passwords or {})
        if missing and found["may_create"]:
            for statement in missing:
                await connection.execute(statement)
            missing = []
        await policies.bind_owner(connection, roles.owner)
        if not missing:
            await policies.bind_application(connection, roles.application, roles.sweep)
            await _grant(connection, roles, found["schema"], found["database"])
        return [_without_password(statement) for statement in missing]
    finally:
        await connection.close()


async def _missing(connection: asyncpg.Connection, roles: Roles, known: Mapping[str, str]) -> list[str]:
    """Return the statements that create what only a superuser or a role with CREATEROLE may create."""
    found = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
    statements = [
        f"CREATE ROLE {quoted(role)} LOGIN{_password(known.get(role))}"
        for role in (roles.application, roles.sweep)
        if role not in found
    ]
    is_member = "SELECT pg_has_role($1::name, $2::name, 'USAGE')"
    if statements or not await connection.fetchval(is_member, roles.sweep, roles.application):
        statements.append(f"GRANT {quoted(roles.application)} TO {quoted(roles.sweep)}")
    return statements


async def _grant(connection: asyncpg.Connection, roles: Roles, schema: str, database: str) -> None:
    application = quoted(roles.application)
    names = {"schema": quoted(schema), "database": quoted(database), "application": application}
    for statement in _GRANTS:
        await connection.execute(statement.format(**names))
    for table in APPEND_ONLY:
        await connection.execute(f"GRANT SELECT, INSERT ON {quoted(table)} TO {application}")
        await connection.execute(f"REVOKE UPDATE, DELETE ON {quoted(table)} FROM {application}")
    if tables := await connection.fetch(_CLOSED_TABLES, roles.application, list(APPEND_ONLY)):
        closed = ", ".join(quoted(row["name"]) for row in tables)
        await connection.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {closed} TO {application}")
    for role, functions in ((roles.application, LOOK_UPS), (roles.sweep, SWEEPS)):
        for row in await connection.fetch(_CLOSED_FUNCTIONS, role, list(functions)):
            await connection.execute(f"GRANT EXECUTE ON FUNCTION {quoted(row['name'])} TO {quoted(role)}")


def _password(password: str | None) -> str:
    return "" if password is None else f" PASSWORD {literal(password)}"


def _without_password(statement: str) -> str:
    """Return a statement as an administrator may see it in a log."""
    return f"{statement.partition(' PASSWORD ')[0]};"
