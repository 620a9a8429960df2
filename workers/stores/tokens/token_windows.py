"""Token windows: apply changes, and load the days of a team."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from schema.database import Tenant, rows_as_columns
from vocabulary.model_names import model_family
from vocabulary.tokens import TOKEN_KINDS
from workers.attribution.model import Evidence
from workers.attribution.window_columns import Label, Windows
from workers.attribution.windows import Change, Dimensions, Surcharges
from workers.stores.row_parts import part_of

# Windows of one statement: the jobs of other organizations wait while it is written.
APPLIED = 4_000

_KEY = ("team_id", "hour", "window_id")
_APPLIED = (
    *(*_KEY, *Dimensions._fields, "model_family", *Evidence._fields, "requests", *TOKEN_KINDS),
    *("cost_nano_usd", "unpriced_tokens", "failed_requests", "timed_requests", "duration_ms", "basis"),
    *Surcharges._fields,
)
_KEY_APPLIED = part_of(_APPLIED, _KEY)

_APPLY = f"""
INSERT INTO token_window AS kept (organization_id, {", ".join(_APPLIED)})
SELECT $1, changed.* FROM unnest(
       $2::bigint[], $3::timestamptz[], $4::bytea[],
       $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
       $13::bigint[], $14::text[], $15::bytea[], $16::bytea[], $17::bytea[], $18::bytea[], $19::bytea[],
       $20::bigint[], $21::bigint[], $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[],
       $26::bigint[], $27::bigint[], $28::bigint[], $29::bigint[], $30::bigint[], $31::text[],
       $32::bigint[], $33::bigint[], $34::bigint[], $35::bigint[]) AS changed
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
 USING unnest($2::bigint[], $3::timestamptz[], $4::bytea[]) AS changed (team_id, hour, window_id)
 WHERE token_window.organization_id = $1 AND token_window.team_id = changed.team_id
   AND token_window.hour = changed.hour AND token_window.window_id = changed.window_id
   AND token_window.requests = 0
   AND input_uncached = 0 AND cache_read = 0 AND cache_write = 0 AND output_visible = 0 AND output_reasoning = 0
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
    """Apply changes to windows, creating new ones and deleting empty ones."""
    if not changes:
        return
    for begin in range(0, len(changes), APPLIED):
        part = changes[begin : begin + APPLIED]
        columns = rows_as_columns([_row(change) for change in part])
        await tenant.execute(_APPLY, *columns)
        if any(change.requests < 0 or min(change.tokens) < 0 for change in part):
            await tenant.execute(_DELETE_EMPTY, *columns[_KEY_APPLIED])


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
