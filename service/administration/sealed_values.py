"""Sealed values of any column: counted by their key, and replaced."""

# ruff: noqa: S608 - statements contain fixed names of tables and columns, never input
from collections.abc import Sequence
from typing import Any, NamedTuple

from schema.database import Tenant, rows_as_columns
from schema.encryption import HEAD_BYTES, MARK
from schema.sealed_columns import SealedColumn

# Bytes that one transaction reads; a single larger value is read alone.
GROUP_BYTES = 4 * 1024 * 1024
GROUP_VALUES = 100
LISTED = 2000

# Counting reads whole tables.
COUNT_SECONDS = 600.0

# Values from before sealed values named their key.
WITHOUT_ID = ""


class Place(NamedTuple):
    """A row that holds a sealed value: the row's key, and the bytes of the value."""

    key: tuple[Any, ...]
    size: int


async def count_by_key(tenant: Tenant, of: SealedColumn) -> dict[str, int]:
    """Count the values by the id of their key in hexadecimal digits, WITHOUT_ID for older values."""
    named = f"substring({of.column} FROM 1 FOR {len(MARK)}) = $2"
    key_id = f"encode(substring({of.column} FROM {len(MARK) + 1} FOR {HEAD_BYTES - len(MARK)}), 'hex')"
    rows = await tenant.connection.fetch(
        f"SELECT CASE WHEN {named} THEN {key_id} ELSE '{WITHOUT_ID}' END AS key, count(*) AS number FROM {of.table}"
        f" WHERE {_is_sealed(of)} GROUP BY 1",
        tenant.organization_id,
        MARK,
        timeout=COUNT_SECONDS,
    )
    return {row["key"]: row["number"] for row in rows}


async def list_places(tenant: Tenant, of: SealedColumn, head: bytes, after: tuple[Any, ...] | None) -> list[Place]:
    """List up to LISTED values that do not begin with `head`, by the row's key, those after `after`."""
    names = ", ".join(of.key)
    columns = f"{names}, " if names else ""
    condition = f"{_is_sealed(of)} AND substring({of.column} FROM 1 FOR {HEAD_BYTES}) <> $2"
    if after:
        given = ", ".join(f"${number}::{kind}" for number, kind in enumerate(of.key.values(), start=3))
        condition += f" AND ({names}) > ({given})"
    rows = await tenant.connection.fetch(
        f"SELECT {columns}octet_length({of.column}) AS size FROM {of.table} WHERE {condition}"
        + (f" ORDER BY {names}" if names else "")
        + f" LIMIT {LISTED}",
        *(tenant.organization_id, head, *(after or ())),
        timeout=COUNT_SECONDS,
    )
    return [Place(tuple(row[name] for name in of.key), row["size"]) for row in rows]


def grouped(places: Sequence[Place]) -> list[list[Place]]:
    """Split places into groups of at most GROUP_VALUES and GROUP_BYTES, except for single larger values."""
    groups: list[list[Place]] = []
    size = 0
    for place in places:
        if not groups or len(groups[-1]) == GROUP_VALUES or size + place.size > GROUP_BYTES:
            groups.append([])
            size = 0
        groups[-1].append(place)
        size += place.size
    return groups


async def lock_values(
    tenant: Tenant, of: SealedColumn, head: bytes, places: Sequence[Place]
) -> list[tuple[tuple[Any, ...], bytes]]:
    """Lock rows until the transaction ends and return their values, without rows that others lock or that changed.

    Foreign keys to the rows are not blocked.
    """
    given, same = _given(of, first=3)
    rows = await tenant.connection.fetch(
        f"SELECT {''.join(f'{of.table}.{name}, ' for name in of.key)}{of.table}.{of.column} AS value FROM {of.table}"
        + (f" JOIN {given} ON {same}" if of.key else "")
        + f" WHERE {_is_sealed(of)} AND substring({of.table}.{of.column} FROM 1 FOR {HEAD_BYTES}) <> $2"
        f" FOR NO KEY UPDATE OF {of.table} SKIP LOCKED",
        tenant.organization_id,
        head,
        *rows_as_columns([place.key for place in places if of.key]),
    )
    return [(tuple(row[name] for name in of.key), row["value"]) for row in rows]


async def replace_values(tenant: Tenant, of: SealedColumn, values: Sequence[tuple[tuple[Any, ...], bytes]]) -> None:
    """Replace the values of locked rows."""
    if not values:
        return
    arguments: list[object]
    if of.key:
        given, same = _given(of, first=2, more=f", ${len(of.key) + 2}::bytea[]", more_names=", value")
        change = f"{of.column} = given.value FROM {given} WHERE {same} AND"
        arguments = [*rows_as_columns([(*key, value) for key, value in values])]
    else:
        change = f"{of.column} = $2 WHERE"
        arguments = [values[0][1]]
    await tenant.connection.execute(
        f"UPDATE {of.table} SET {change} {of.table}.organization_id = $1", tenant.organization_id, *arguments
    )


def _is_sealed(of: SealedColumn) -> str:
    # A deleted secret of a column that is never null is empty.
    return f"{of.table}.organization_id = $1 AND {of.table}.{of.column} IS NOT NULL AND {of.table}.{of.column} <> ''"


def _given(of: SealedColumn, *, first: int, more: str = "", more_names: str = "") -> tuple[str, str]:
    """Return SQL for the keys in parameters from `first` on, and for that a row has one of them."""
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(of.key.values(), start=first))
    same = " AND ".join(f"{of.table}.{name} = given.{name}" for name in of.key)
    return f"unnest({arrays}{more}) AS given ({', '.join(of.key)}{more_names})", same
