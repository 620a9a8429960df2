"""Fills large tables quickly: without their indexes, which are made from the rows afterwards."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

_INDEXES = """
    SELECT index.indexrelid::regclass::text AS name, pg_get_indexdef(index.indexrelid) AS definition,
           pg_get_constraintdef(key.oid) AS key, key.conname
      FROM pg_index AS index
      LEFT JOIN pg_constraint AS key ON key.conindid = index.indexrelid AND key.contype = 'p'
     WHERE index.indrelid = $1::text::regclass
"""


@asynccontextmanager
async def without_indexes(connection: asyncpg.Connection, tables: Sequence[str]) -> AsyncIterator[None]:
    """Drop the indexes and primary keys of tables, and make them again at the end."""
    found = [(table, row) for table in tables for row in await connection.fetch(_INDEXES, table)]
    for table, row in found:
        await connection.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT {row['conname']}" if row["key"] else f"DROP INDEX {row['name']}"
        )
    yield
    for table, row in found:
        await connection.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {row['conname']} {row['key']}" if row["key"] else row["definition"]
        )
