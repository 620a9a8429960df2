"""Rows of reporting views, read as a stream: COPY for CSV, a cursor for everything else."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

from schema.database import Tenant

# Chunks of COPY that wait for a slow client; each is a few kilobytes.
WAITING_CHUNKS = 64
ROWS_AT_ONCE = 2_000
_END = b""

_COLUMNS = """
SELECT attribute.attname AS name, format_type(attribute.atttypid, NULL) AS type
  FROM pg_attribute AS attribute
 WHERE attribute.attrelid = ('reporting.' || quote_ident($1))::regclass AND attribute.attnum > 0
   AND NOT attribute.attisdropped
 ORDER BY attribute.attnum
"""

_AS_TEXT: Mapping[str, str] = {
    "timestamp with time zone": """to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""",
    "timestamp without time zone": """to_char({0}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""",
    # With a point even if whole, so that readers which guess types take it for a decimal.
    "numeric": "round({0}, greatest(scale(trim_scale({0})), 1))",
    "boolean": "CASE {0} WHEN true THEN 'true' WHEN false THEN 'false' END",
}


class ViewColumn(NamedTuple):
    """A column of a view, and its PostgreSQL type."""

    name: str
    type: str


class Selection(NamedTuple):
    """Rows of a view: of a team (a pinned key's), and of UTC days, both inclusive; None selects all."""

    view: str
    day: str | None
    team_id: int | None = None
    first: date | None = None
    last: date | None = None


async def read_columns(tenant: Tenant, view: str) -> list[ViewColumn]:
    """Return the columns of a view in their order."""
    rows = await tenant.connection.fetch(_COLUMNS, view)
    return [ViewColumn(row["name"], row["type"]) for row in rows]


async def copy_csv(tenant: Tenant, selection: Selection, columns: Sequence[ViewColumn]) -> AsyncIterator[bytes]:
    """Yield CSV as PostgreSQL writes it, with a header; a slow reader slows PostgreSQL down."""
    chunks: asyncio.Queue[bytes] = asyncio.Queue(WAITING_CHUNKS)

    async def copy() -> None:
        statement, arguments = _select(selection, [_as_text(column) for column in columns], tenant.organization_id)
        await tenant.connection.copy_from_query(statement, *arguments, output=chunks.put, format="csv", header=True)
        await chunks.put(_END)

    copying = asyncio.create_task(copy())
    try:
        while True:
            arrived = asyncio.create_task(chunks.get())
            await asyncio.wait({arrived, copying}, return_when=asyncio.FIRST_COMPLETED)
            if not arrived.done():
                arrived.cancel()
                await copying  # raises what went wrong
                arrived = asyncio.create_task(chunks.get())
            if (chunk := await arrived) == _END:
                return
            yield bytes(chunk)  # asyncpg gives a bytearray
    finally:
        copying.cancel()
        with suppress(asyncio.CancelledError):
            await copying


async def read_rows(
    tenant: Tenant, selection: Selection, columns: Sequence[ViewColumn]
) -> AsyncIterator[Sequence[Sequence[Any]]]:
    """Yield rows in batches."""
    statement, arguments = _select(selection, [_quoted(column.name) for column in columns], tenant.organization_id)
    batch: list[Sequence[Any]] = []
    async for row in tenant.connection.cursor(statement, *arguments, prefetch=ROWS_AT_ONCE):
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    yield batch


def _select(selection: Selection, expressions: Sequence[str], organization_id: int) -> tuple[str, list[Any]]:
    """Return the statement and its arguments; only conditions that apply are in it, so that each can use an index."""
    conditions = ["organization_id = $1"]
    arguments: list[Any] = [organization_id]
    for condition, value in (
        ("team_id = ${}", selection.team_id),
        (f"{selection.day} >= ${{}}", selection.first),
        (f"{selection.day} <= ${{}}", selection.last),
    ):
        if value is not None:
            arguments.append(value)
            conditions.append(condition.format(len(arguments)))
    return (
        f"SELECT {', '.join(expressions)} FROM reporting.{selection.view} WHERE {' AND '.join(conditions)}",  # noqa: S608 - names of our own views
        arguments,
    )


def _as_text(column: ViewColumn) -> str:
    expression = _AS_TEXT.get(column.type, "{0}").format(_quoted(column.name))
    return f"{expression} AS {_quoted(column.name)}"


def _quoted(name: str) -> str:
    return f'"{name}"'
