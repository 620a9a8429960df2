"""A row in every table for one organization, whose texts and numbers show where they leak, and digests of its rows."""

from collections.abc import Mapping
from typing import Any

import asyncpg

from schema.tables import TENANT_TABLES

# No answer to another organization may contain these.
SECRET = "CANARY-of-the-other-organization"
NUMBER = 987_654_321
# Names that a request may use, and that an error may therefore repeat.
NAME = "foreign-name"

_COLUMNS = """
SELECT attname AS name, format_type(atttypid, NULL) AS type, attidentity <> '' AS is_identity
  FROM pg_attribute
 WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
   AND (attnotnull OR NOT atthasdef) ORDER BY attnum
"""

_VALUES: Mapping[str, str] = {
    "bigint": str(NUMBER),
    "integer": "7",
    "smallint": "7",
    "text": f"'{SECRET}'",
    "character varying": f"'{SECRET}'",
    "bytea": "decode(repeat('ab', 32), 'hex')",
    "uuid": "'deadbeef-0000-4000-8000-000000000000'",
    "boolean": "false",
    "date": "'2026-11-18'",
    "timestamp with time zone": "'2026-11-18T12:00:00Z'",
    "double precision": "0.5",
    "numeric": "0.5",
    "interval": "'1 day'",
    "jsonb": "'{}'",
    "json": "'{}'",
}
# What requests name, or what must hold for a row to be looked at.
_NAMED: Mapping[tuple[str, str], str] = {
    ("team", "name"): f"'{NAME}'",
    ("team", "removed_at"): "NULL",
    ("team", "is_default"): "false",
    ("connection", "forge"): "'github'",
    ("connection", "state"): "'active'",
    ("api_key", "revoked_at"): "NULL",
    ("api_key", "expires_at"): "NULL",
}


async def fill(connection: asyncpg.Connection, organization_id: int) -> dict[str, dict[str, Any]]:
    """Insert a row into every table of a superuser's connection; return the rows by table."""
    rows = {}
    async with connection.transaction():
        # Rows need no parents here.
        await connection.execute("SET LOCAL session_replication_role = replica")
        for table in TENANT_TABLES:
            if table == "organization":
                rename = "UPDATE organization SET name = $2 WHERE organization_id = $1 RETURNING *"
                row = await connection.fetchrow(rename, organization_id, SECRET)
            else:
                row = await connection.fetchrow(await _insert(connection, table, organization_id))
            rows[table] = dict(row)
    return rows


async def _insert(connection: asyncpg.Connection, table: str, organization_id: int) -> str:
    columns = await connection.fetch(_COLUMNS, table)
    values = {
        column["name"]: str(organization_id)
        if column["name"] == "organization_id"
        else _NAMED.get((table, column["name"])) or _value(column["type"])
        for column in columns
        if not column["is_identity"] or column["name"] == "organization_id"
    }
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(values.values())}) RETURNING *"


def _value(kind: str) -> str:
    return "'{}'" if kind.endswith("[]") else _VALUES[kind]


async def digests(connection: asyncpg.Connection, organization_id: int) -> dict[str, str]:
    """Return a digest of an organization's rows by table, for a superuser's connection."""
    return {
        table: await connection.fetchval(
            f"SELECT count(*) || md5(coalesce(string_agg(t::text, ';' ORDER BY t::text), ''))"
            f" FROM {table} AS t WHERE organization_id = $1",
            organization_id,
        )
        for table in TENANT_TABLES
    }
