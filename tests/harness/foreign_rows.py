"""A row in every table for one organization, whose texts and numbers show where they leak, and digests of its rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import LargeBinary, Uuid
from sqlalchemy.types import TypeEngine

from schema.key_ring import KeyRing
from schema.tables import TENANT_TABLES
from tests.harness.every_table import EveryTable

# No answer to another organization may contain these.
SECRET = "CANARY-of-the-other-organization"
NUMBER = 987_654_321
ID = "deadbeef-0000-4000-8000-000000000000"
DIGEST = "ab" * 32
# Names that a request may use, and that an error may therefore repeat.
NAME = "foreign-name"

# What requests name, or what must hold for a row to be looked at.
_NAMED: Mapping[tuple[str, str], Any] = {
    ("team", "name"): NAME,
    ("team", "removed_at"): None,
    ("connection", "forge"): "github",
    ("connection", "state"): "active",
    ("api_key", "revoked_at"): None,
    ("api_key", "expires_at"): None,
}


class ForeignRows(EveryTable):
    """Rows with one id and one digest everywhere, which answers are searched for."""

    def plain(self, kind: TypeEngine[Any], text: str) -> Any:
        """Return the value of a column of this kind."""
        if isinstance(kind, LargeBinary):
            return bytes.fromhex(DIGEST)
        return UUID(ID) if isinstance(kind, Uuid) else super().plain(kind, text)


async def fill(connection: asyncpg.Connection, organization_id: int, ring: KeyRing) -> dict[str, dict[str, Any]]:
    """Insert a row into every table of a superuser's connection; return the rows by table."""
    rename = "UPDATE organization SET name = $2 WHERE organization_id = $1"
    await connection.execute(rename, organization_id, SECRET)
    return await ForeignRows(organization_id, SECRET, ring, NUMBER, _NAMED).fill(connection)


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
