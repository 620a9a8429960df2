"""Token windows: apply changes, and load the days of a team."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

import asyncpg

from schema.database import Tenant
from vocabulary.model_names import model_family
from vocabulary.tokens import TOKEN_KINDS
from workers.attribution.model import Evidence
from workers.attribution.window_columns import Label, Windows
from workers.attribution.windows import Change, Dimensions, Surcharges
from workers.stores.row_parts import part_of

# Windows that are written at a time: the jobs of other organizations wait meanwhile.
APPLIED = 4_000

_APPLIED = (
    *("team_id", "hour", "window_id", *Dimensions._fields, "model_family", *Evidence._fields, "requests", *TOKEN_KINDS),
    *("cost_nano_usd", "unpriced_tokens", "failed_requests", "timed_requests", "duration_ms", "basis"),
    *Surcharges._fields,
)
_COLUMNS = ", ".join(_APPLIED)

# Row-level security forbids COPY into the table. Arrays instead take twice the time: asyncpg asks of each element
# whether it is an array itself.
_STAGING = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS changed_window ON COMMIT DELETE ROWS
    AS SELECT {_COLUMNS} FROM token_window WITH NO DATA
"""  # noqa: S608 - fixed names
# A transaction may apply changes several times.
_CLEAR = "DELETE FROM changed_window"

_APPLY = f"""
INSERT INTO token_window AS kept (organization_id, {_COLUMNS})
SELECT $1, {_COLUMNS} FROM changed_window
    ON CONFLICT (organization_id, team_id, hour, window_id) DO UPDATE SET
       requests = kept.requests + excluded.requests,
       input_uncached = kept.input_uncached + excluded.input_uncached,
       cache_read = kept.cache_read + excluded.cache_read,
       cache_write = kept.cache_write + excluded.cache_write,
       output_visible = kept.output_visible + excluded.output_visible,
       output_reasoning = kept.output_reasoning + excluded.output_reasoning,
       cost_nano_usd = kept.cost_nano_usd + excluded.cost_nano_usd,
       unpriced_tokens = kept.unpriced_tokens + excluded.unpriced_tokens,
       failed_requests = kept.failed_requests + excluded.failed_requests,
       timed_requests = kept.timed_requests + excluded.timed_requests,
       duration_ms = kept.duration_ms + excluded.duration_ms,
       cache_write_1h = kept.cache_write_1h + excluded.cache_write_1h,
       web_searches = kept.web_searches + excluded.web_searches,
       code_executions = kept.code_executions + excluded.code_executions,
       piece_cost_nano_usd = kept.piece_cost_nano_usd + excluded.piece_cost_nano_usd
"""  # noqa: S608 - fixed names

_DELETE_EMPTY = """
DELETE FROM token_window
 USING changed_window AS changed
 WHERE token_window.organization_id = $1 AND token_window.team_id = changed.team_id
   AND token_window.hour = changed.hour AND token_window.window_id = changed.window_id
   AND token_window.requests = 0 AND token_window.input_uncached = 0 AND token_window.cache_read = 0
   AND token_window.cache_write = 0 AND token_window.output_visible = 0 AND token_window.output_reasoning = 0
"""

_AMOUNTS = (*TOKEN_KINDS, "cost_nano_usd")
_NAMED = (*Label._fields, *Evidence._fields, *_AMOUNTS)
_LOADED = ("window_id", "hour_number", *_NAMED)
_LABEL, _EVIDENCE, _AMOUNT = (part_of(_LOADED, fields) for fields in (Label._fields, Evidence._fields, _AMOUNTS))

_LOAD = f"""
SELECT window_id, (extract(epoch FROM hour) / 3600)::bigint AS hour_number, {", ".join(_NAMED)}
  FROM token_window
 WHERE organization_id = $1 AND team_id = $2 AND hour >= $3 AND hour < $4
 ORDER BY hour, window_id
"""  # noqa: S608 - fixed names


async def apply(tenant: Tenant, changes: Sequence[Change]) -> None:
    """Apply changes to windows, creating new ones and deleting empty ones.

    Raises asyncpg.DataError for a number that no column holds.
    """
    if not changes:
        return
    connection = tenant.connection
    await connection.execute(_STAGING)
    for begin in range(0, len(changes), APPLIED):
        rows = [_row(change) for change in changes[begin : begin + APPLIED]]
        try:
            await connection.copy_records_to_table("changed_window", records=rows, columns=_APPLIED)
        except OverflowError as error:
            # COPY says it with another class than statements with arguments.
            raise asyncpg.NumericValueOutOfRangeError("a number is out of range") from error
    await tenant.execute(_APPLY)
    if any(change.requests < 0 or min(change.tokens) < 0 for change in changes):
        await tenant.execute(_DELETE_EMPTY)
    await connection.execute(_CLEAR)


async def load(tenant: Tenant, team_id: int, span: tuple[date, date]) -> Windows:
    """Load a team's windows of days (UTC) from the first up to but not including the last."""
    start, end = (datetime.combine(day, time(), UTC) for day in span)
    rows = await tenant.fetch(_LOAD, team_id, start, end)
    return Windows.of_columns(
        window_ids=[row["window_id"] for row in rows],
        hours=[row["hour_number"] for row in rows],
        labels=[Label._make(row[_LABEL]) for row in rows],
        evidence=[Evidence._make(row[_EVIDENCE]) for row in rows],
        amounts=[row[_AMOUNT] for row in rows],
    )


def _row(change: Change) -> tuple[object, ...]:
    place, evidence = change.place, change.place.evidence
    return (
        *(place.team_id, place.hour, place.window_id),
        *(*place.dimensions, model_family(place.dimensions.model)),
        *(evidence.artifact, evidence.number, evidence.commit, evidence.branch, evidence.repository),
        *(change.requests, *change.tokens, change.cost_nano_usd, change.unpriced_tokens),
        *(change.failed_requests, change.timed_requests, change.duration_ms, place.basis.value),
        *change.surcharges,
    )
