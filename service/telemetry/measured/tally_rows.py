"""The tallies of services as rows, each held from its reading to the end of the transaction."""

from collections.abc import Collection, Mapping

from schema.database import Tenant, rows_as_columns
from service.telemetry.measured.tallies import Voice
from service.telemetry.reading.normalised import Teller

Tally = dict[Teller, Voice]

COLUMNS = [f"{teller}_{field}" for teller in Teller for field in Voice._fields]
TYPES = {"input": "bigint", "output": "bigint", "until": "timestamptz", "since": "timestamptz"}
_ARRAYS = ", ".join(f"${number}::{TYPES[column.partition('_')[2]]}[]" for number, column in enumerate(COLUMNS, start=3))

MAKE = """
    INSERT INTO token_tally (organization_id, tally_id)
    SELECT $1::bigint, tally_id FROM unnest($2::bytea[]) AS tally (tally_id)
    ON CONFLICT (organization_id, tally_id) DO NOTHING
"""
HOLD = """
    SELECT * FROM token_tally WHERE organization_id = $1 AND tally_id = ANY($2::bytea[]) ORDER BY tally_id FOR UPDATE
"""
SAVE = f"""
    UPDATE token_tally SET {", ".join(f"{column} = reported.{column}" for column in COLUMNS)}
    FROM unnest($2::bytea[], {_ARRAYS}) AS reported (tally_id, {", ".join(COLUMNS)})
    WHERE token_tally.organization_id = $1 AND token_tally.tally_id = reported.tally_id
"""  # noqa: S608 - composed of constants


async def hold_tallies(tenant: Tenant, ids: Collection[bytes]) -> dict[bytes, Tally]:
    """The tallies of these ids, made where they are new, locked until the transaction ends."""
    wanted = sorted(ids)
    await tenant.execute(MAKE, wanted)
    rows = await tenant.fetch(HOLD, wanted)
    return {
        row["tally_id"]: {teller: Voice(*(row[f"{teller}_{field}"] for field in Voice._fields)) for teller in Teller}
        for row in rows
    }


async def save_tallies(tenant: Tenant, tallies: Mapping[bytes, Tally]) -> None:
    """Keep what was told."""
    rows = [(tally_id, *(value for teller in Teller for value in tally[teller])) for tally_id, tally in tallies.items()]
    if rows:
        await tenant.execute(SAVE, *rows_as_columns(rows))
