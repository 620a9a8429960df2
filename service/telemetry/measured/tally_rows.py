"""Rows of token tallies, locked from reading to the end of the transaction."""

from collections.abc import Collection, Mapping
from typing import Any

from schema.database import Tenant, rows_as_columns
from service.telemetry.measured.tallies import SignalTotal
from service.telemetry.reading.normalised import TokenSignal

Tally = dict[TokenSignal, SignalTotal]

COLUMNS = [f"{signal}_{field}" for signal in TokenSignal for field in SignalTotal._fields]
TYPES = {"input": "bigint", "output": "bigint", "until": "timestamptz", "since": "timestamptz"}
_ARRAYS = ", ".join(f"${number}::{TYPES[column.partition('_')[2]]}[]" for number, column in enumerate(COLUMNS, start=3))

ADD = """
    INSERT INTO token_tally (organization_id, tally_id)
    SELECT $1::bigint, tally_id FROM unnest($2::bytea[]) AS tally (tally_id)
    ON CONFLICT (organization_id, tally_id) DO NOTHING
"""
LOCK = """
    SELECT * FROM token_tally WHERE organization_id = $1 AND tally_id = ANY($2::bytea[]) ORDER BY tally_id FOR UPDATE
"""
SAVE = f"""
    UPDATE token_tally SET seen_at = now(), {", ".join(f"{column} = reported.{column}" for column in COLUMNS)}
    FROM unnest($2::bytea[], {_ARRAYS}) AS reported (tally_id, {", ".join(COLUMNS)})
    WHERE token_tally.organization_id = $1 AND token_tally.tally_id = reported.tally_id
"""  # noqa: S608 - composed of constants


async def lock_tallies(tenant: Tenant, ids: Collection[bytes]) -> dict[bytes, Tally]:
    """Return the tallies with these ids, created if new, and lock them until the transaction ends."""
    wanted = sorted(ids)
    rows: list[Any] = []
    # An old one may be deleted between the two statements.
    while len(rows) < len(wanted):
        await tenant.execute(ADD, wanted)
        rows = await tenant.fetch(LOCK, wanted)
    return {
        row["tally_id"]: {
            signal: SignalTotal(*(row[f"{signal}_{field}"] for field in SignalTotal._fields)) for signal in TokenSignal
        }
        for row in rows
    }


async def save_tallies(tenant: Tenant, tallies: Mapping[bytes, Tally]) -> None:
    """Store the tallies."""
    rows = [
        (tally_id, *(value for name in TokenSignal for value in tally[name])) for tally_id, tally in tallies.items()
    ]
    if rows:
        await tenant.execute(SAVE, *rows_as_columns(rows))
