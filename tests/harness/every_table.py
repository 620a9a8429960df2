"""A row of an organization in every table, with a canary in each column that can hold one."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import asyncpg
from sqlalchemy import ARRAY, JSON, Boolean, Column, Date, DateTime, Float, Integer, LargeBinary, Numeric, Table, Uuid
from sqlalchemy.types import TypeEngine

from schema.encryption import Vault
from schema.key_ring import KeyRing
from schema.sealed_columns import SEALED_COLUMNS
from schema.tables import METADATA

_PURPOSES = {(each.table, each.column): each.purpose for each in SEALED_COLUMNS}
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


class EveryTable:
    """Fills each table for one organization. The canary is part of texts, bytes and sealed values.

    `number` is in each column of integers. `named` are values of columns that matter to the test.
    """

    def __init__(
        self,
        organization_id: int,
        canary: str,
        ring: KeyRing,
        number: int | None = None,
        named: Mapping[tuple[str, str], Any] | None = None,
    ) -> None:
        self.organization_id, self.canary, self.ring = organization_id, canary, ring
        self._number = 1_000_000 + organization_id if number is None else number
        self._named = named or {}
        self._rows: dict[str, dict[str, Any]] = {}

    async def fill(self, connection: asyncpg.Connection) -> dict[str, dict[str, Any]]:
        """Insert a row into each table, and return them; the organization and its default team exist already."""
        organization = await connection.fetchrow(
            "SELECT * FROM organization WHERE organization_id = $1", self.organization_id
        )
        self._rows["organization"] = dict(organization)
        for table in METADATA.sorted_tables:
            if table.name != "organization":
                await self._insert(connection, table)
        return self._rows

    async def _insert(self, connection: asyncpg.Connection, table: Table) -> None:
        row = {column.name: self._value(table, column) for column in table.columns} | self._parents(table)
        self._rows[table.name] = row
        names, numbers = ", ".join(f'"{name}"' for name in row), ", ".join(f"${n}" for n in range(1, len(row) + 1))
        await connection.execute(
            f"INSERT INTO {table.name} ({names}) OVERRIDING SYSTEM VALUE VALUES ({numbers})", *row.values()
        )

    def _parents(self, table: Table) -> Mapping[str, Any]:
        """Return the columns that refer to rows of other tables."""
        return {
            element.parent.name: self._rows[element.column.table.name][element.column.name]
            for key in table.foreign_key_constraints
            for element in key.elements
        } | {"organization_id": self.organization_id}

    def _value(self, table: Table, column: Column[Any]) -> Any:
        if (table.name, column.name) in self._named:
            return self._named[table.name, column.name]
        purpose = _PURPOSES.get((table.name, column.name))
        if purpose is not None:
            return Vault(self.ring, purpose).seal(self.organization_id, self._text(table, column).encode())
        if column.name == "is_default":
            return False
        return self.plain(column.type, self._text(table, column))

    def _text(self, table: Table, column: Column[Any]) -> str:
        return f"{self.canary} {table.name}.{column.name}"

    def plain(self, kind: TypeEngine[Any], text: str) -> Any:
        """Return the value of a column of this kind."""
        if isinstance(kind, ARRAY):
            return [self.plain(kind.item_type, text)]
        if isinstance(kind, LargeBinary):
            return text.encode()
        if isinstance(kind, Uuid):
            return uuid.uuid5(uuid.NAMESPACE_URL, text)
        if isinstance(kind, JSON):
            return f'{{"text": "{text}"}}'
        for python_type, value in (
            (Boolean, False),
            (Integer, self._number),
            (Float, 0.5),
            (Numeric, 1),
            (DateTime, NOW),
            (Date, NOW.date()),
        ):
            if isinstance(kind, python_type):
                return value
        return text


async def dump(connection: asyncpg.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables, also of those that the product does not declare."""
    names = await connection.fetch(
        "SELECT quote_ident(relname) AS name FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
        " AND relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    return {
        row["name"]: [tuple(each) for each in await connection.fetch(f"SELECT * FROM {row['name']}")] for row in names
    }


def values_in(row: tuple[Any, ...]) -> list[Any]:
    """Return the values of a row, lists flattened."""
    found: list[Any] = []
    for value in row:
        found += values_in(tuple(value)) if isinstance(value, (list, tuple)) else [value]
    return found
