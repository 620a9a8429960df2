"""The ledger rows and the rollup of one team-day, written whole in place of what was there."""

from collections.abc import Iterator, Sequence
from itertools import islice

from schema.database import Connection, rows_as_columns
from workers.attribution.model import METHOD, AttributionRow, Ledger, RollupRow
from workers.stores.settlements import TeamDay

# A large day is sent in parts, so that neither end holds all of it twice.
CHUNK = 20_000

_INSERT = """
INSERT INTO attribution (
       organization_id, team_id, day, method, hour, window_id, artifact_id, evidence,
       input_uncached, cache_read, cache_write, output_visible, output_reasoning, cost_nano_usd)
SELECT $1, $2, $3, $4, settled.* FROM unnest(
       $5::timestamptz[], $6::bytea[], $7::bytea[], $8::text[],
       $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[]) AS settled
"""

_INSERT_ROLLUP = """
INSERT INTO attribution_rollup (
       organization_id, team_id, day, method, artifact_id, evidence, model, workflow,
       input_uncached, cache_read, cache_write, output_visible, output_reasoning, cost_nano_usd)
SELECT $1, $2, $3, $4, settled.* FROM unnest(
       $5::bytea[], $6::text[], $7::text[], $8::text[],
       $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[]) AS settled
"""


async def replace(connection: Connection, organization_id: int, team_day: TeamDay, ledger: Ledger) -> None:
    """Write a settled team-day over the one before it."""
    key = (organization_id, team_day.team_id, team_day.day)
    await connection.execute("DELETE FROM attribution WHERE organization_id = $1 AND team_id = $2 AND day = $3", *key)
    await connection.execute(
        "DELETE FROM attribution_rollup WHERE organization_id = $1 AND team_id = $2 AND day = $3", *key
    )
    for rows in _chunks([_attribution(row) for row in ledger.rows]):
        await connection.execute(_INSERT, *key, METHOD, *rows_as_columns(rows))
    for rows in _chunks([_rollup(row) for row in ledger.rollup]):
        await connection.execute(_INSERT_ROLLUP, *key, METHOD, *rows_as_columns(rows))


def _attribution(row: AttributionRow) -> tuple[object, ...]:
    return (row.hour, row.window_id, row.artifact_id, row.evidence, *row.tokens, row.cost_nano_usd)


def _rollup(row: RollupRow) -> tuple[object, ...]:
    return (row.artifact_id, row.evidence, row.model, row.workflow, *row.tokens, row.cost_nano_usd)


def _chunks(rows: Sequence[tuple[object, ...]]) -> Iterator[list[tuple[object, ...]]]:
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
