"""Token events summed by window and link: by batch, or between cuts in a session's time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from asyncpg import Record

from schema.database import Tenant, rows_as_columns
from schema.interpreter import aside
from schema.planner import PlannerSwitches
from vocabulary.tokens import TOKEN_KINDS, TokenCounts
from workers.attribution.model import Evidence
from workers.attribution.session_trail import Change, Run
from workers.attribution.windows import Amounts, Dimensions, EventGroup, Surcharges
from workers.stores.row_parts import part_of
from workers.stores.tokens.event_prices import Slots
from workers.stores.tokens.event_spans import GROUPED
from workers.stores.tokens.intake_batches import IN_BATCHES, Batch, keys_of

# For sums over many rows of tables that may be new and lack statistics.
FOLDING: PlannerSwitches = {
    "plan_cache_mode": "force_custom_plan",
    "enable_seqscan": "off",
    "jit": "off",
    "work_mem": "64MB",
}

_COUNTED_TOKENS = (*TOKEN_KINDS, "cache_write_1h")
_PIECES = {"web_searches": "web_search", "code_executions": "code_execution"}
_PRICED = ("request", *_COUNTED_TOKENS, *_PIECES.values())
# Whole nano-USD and the fraction separately, so that no product exceeds 64 bits before the cost does.
_PRICES = f"""
WITH price AS MATERIALIZED (
    SELECT provider, model, service_tier, begins_at, from_input, to_input, is_listed,
           {", ".join(f"{name} / 1000 AS {name}_nano, {name} % 1000 AS {name}_rest" for name in _PRICED)}
      FROM event_price WHERE organization_id = $1 AND begins_at BETWEEN $2 AND $3
)
"""  # noqa: S608 - fixed names

# A withdrawal takes back a whole event: it has the negative of each of its counts, so it costs the negative, too.
_TOTAL = " + ".join(f"event.{kind}" for kind in TOKEN_KINDS)
_IS_WITHDRAWAL = f"{_TOTAL} < 0"


def _cost(sign: str) -> str:
    nano, rest = (
        " + ".join(f"{sign}event.{kind} * price.{kind}_{part}" for kind in _COUNTED_TOKENS) for part in ("nano", "rest")
    )
    return f"(price.request_nano + {nano} + (price.request_rest + {rest} + 500) / 1000)"


_PIECE_COST = " + ".join(f"event.{count} * price.{name}_nano" for count, name in _PIECES.items())
_COST = f"CASE WHEN {_IS_WITHDRAWAL} THEN -{_cost('-')} ELSE {_cost('')} END + {_PIECE_COST}"
_AFTER_TOKENS = {
    "cost_nano_usd": f"coalesce(sum({_COST}) FILTER (WHERE price.is_listed), 0)::bigint",
    "unpriced_tokens": f"coalesce(sum({_TOTAL}) FILTER (WHERE NOT price.is_listed), 0)::bigint",
    "failed": "count(*) FILTER (WHERE event.failed)",
    "timed": "count(event.duration_ms)",
    "duration_ms": "coalesce(sum(event.duration_ms), 0)::bigint",
}
# Few events have any. Leaving the others out takes 7 % off the sums of a claim (338 -> 313 ms for 120,000 events).
_SURCHARGES = {
    **{
        name: f"coalesce(sum(event.{name}) FILTER (WHERE event.{name} <> 0), 0)::bigint"
        for name in ("cache_write_1h", *_PIECES)
    },
    "piece_cost_nano_usd": f"coalesce(sum({_PIECE_COST})"
    f" FILTER (WHERE {' + '.join(f'event.{count}' for count in _PIECES)} <> 0 AND price.is_listed), 0)::bigint",
}
_SUMMED = {
    "team_id": "event.team_id",
    "hour": "date_bin('1 hour', event.occurred_at, '2000-01-01 00:00+00')",
    **{name: f"event.{name}" for name in Dimensions._fields[:-1]},
    "size_from": "price.from_input",
    **{name: f"event.{name}" for name in ("session", *Evidence._fields)},
    "first": "min(event.occurred_at)",
    "last": "max(event.occurred_at)",
    "requests": f"count(*) - 2 * count(*) FILTER (WHERE {_IS_WITHDRAWAL})",
    **{kind: f"sum(event.{kind})::bigint" for kind in TOKEN_KINDS},
    **_AFTER_TOKENS,
    **_SURCHARGES,
    "events": "count(*)",
}
_COLUMNS = tuple(_SUMMED)
_TEAM_ID, _HOUR, _SESSION, _FIRST, _LAST, _REQUESTS = map(
    _COLUMNS.index, ("team_id", "hour", "session", "first", "last", "requests")
)
_DIMENSIONS, _EVIDENCE = part_of(_COLUMNS, Dimensions._fields), part_of(_COLUMNS, Evidence._fields)
_TOKENS, _REST = part_of(_COLUMNS, TOKEN_KINDS), part_of(_COLUMNS, tuple(_AFTER_TOKENS))
_OF_SURCHARGES = part_of(_COLUMNS, Surcharges._fields)
_SUMS = f"SELECT {', '.join(f'{sql} AS {name}' for name, sql in _SUMMED.items())}"
_PRICE = """
  JOIN price ON price.provider = event.provider AND price.model = event.model
   AND price.service_tier = event.service_tier
   AND price.begins_at = date_bin('30 minutes', event.occurred_at, '2000-01-01 00:00+00')
   AND abs(event.input_uncached + event.cache_read + event.cache_write) >= price.from_input
   AND abs(event.input_uncached + event.cache_read + event.cache_write) < price.to_input
"""
_GROUP = f"GROUP BY {', '.join(str(place) for place in range(1, _FIRST + 1))}"


# The cuts of each session are passed as text, because PostgreSQL has no arrays of arrays of different lengths. The
# inner SELECT hides the number of sessions from the planner, which underestimates events and would hash those instead.
def _of_batches(events: str) -> str:
    return f"""
{_PRICES.replace("$2 AND $3", "$4 AND $5")}, cut AS MATERIALIZED (
    SELECT session, cuts::timestamptz[] AS cuts
      FROM unnest((SELECT $6::bytea[]), (SELECT $7::text[])) AS cut (session, cuts)
) {_SUMS}
  FROM ({events}) AS event LEFT JOIN cut ON cut.session = event.session {_PRICE}
 {_GROUP}, width_bucket(event.occurred_at, cut.cuts)
"""  # noqa: S608 - fixed names


_OF_BATCHES = _of_batches(f"SELECT * FROM token_event AS event WHERE {IN_BATCHES}")  # noqa: S608 - fixed names
# Without those that this transaction superseded. OFFSET keeps the planner from leaving them out last.
_OF_COUNTED = _of_batches(f"""
SELECT * FROM token_event AS event WHERE {IN_BATCHES}
   AND NOT EXISTS (SELECT FROM superseded_event AS aside
                    WHERE aside.organization_id = $1 AND aside.superseded_at = now()
                      AND aside.event_id = event.event_id)
OFFSET 0
""")  # noqa: S608 - fixed names

# Excludes events that are waiting or could not be folded.
_IS_COUNTED = """
NOT EXISTS (SELECT FROM intake_batch AS open
             WHERE open.organization_id = $1 AND open.batch_id = event.batch_id AND open.state <> 'processed')
"""
_COUNTED = f"""
{_PRICES}, cut AS MATERIALIZED (
    SELECT session, first, last, cuts::timestamptz[] AS cuts
      FROM unnest($4::bytea[], $5::timestamptz[], $6::timestamptz[], $7::text[]) AS cut (session, first, last, cuts)
) {_SUMS}
  FROM cut
  JOIN token_event AS event
    ON event.organization_id = $1 AND event.session = cut.session
   AND event.occurred_at BETWEEN cut.first AND cut.last
   {_PRICE}
 WHERE {_IS_COUNTED}
   AND NOT EXISTS (SELECT FROM superseded_event AS aside
                    WHERE aside.organization_id = $1 AND aside.event_id = event.event_id)
 {_GROUP}, width_bucket(event.occurred_at, cut.cuts)
"""  # noqa: S608 - fixed names

# Events by id, each found by the primary key, which the LIMIT ensures. Events without a session are linked on their
# own.
_OF_IDS = f"""
{_PRICES}, cut AS MATERIALIZED (
    SELECT session, cuts::timestamptz[] AS cuts FROM unnest($5::bytea[], $6::text[]) AS cut (session, cuts)
) {_SUMS}
  FROM unnest($4::bytea[]) AS wanted (event_id)
  JOIN LATERAL (SELECT * FROM token_event AS known
                 WHERE known.organization_id = $1 AND known.event_id = wanted.event_id LIMIT 1) AS event ON true
  LEFT JOIN cut ON cut.session = event.session
   {_PRICE}
 {_GROUP}, width_bucket(event.occurred_at, cut.cuts)
"""  # noqa: S608 - fixed names

# Where runs of events with the same evidence begin and end; other session evidence ends a run, too.
_RUN = ("session", *Evidence._fields, "occurred_at", "begins", "ends")
_OF_RUN = part_of(_RUN, Evidence._fields)
_RUNS = f"""
WITH sighting AS (
    SELECT session, occurred_at, event_id AS id, {", ".join(Evidence._fields)},
           ROW({", ".join(Evidence._fields)}) AS evidence, true AS is_event
      FROM token_event AS event
     WHERE organization_id = $1 AND session = ANY($2::bytea[])
       AND num_nonnulls({", ".join(Evidence._fields)}) > 0
       AND (batch_id = ANY($3::bigint[]) OR {_IS_COUNTED})
     UNION ALL
    SELECT session, occurred_at, evidence_id, {", ".join(Evidence._fields)},
           ROW({", ".join("NULL::bytea" for _ in Evidence._fields)}), false
      FROM session_evidence WHERE organization_id = $1 AND session = ANY($2::bytea[])
), reported AS (
    SELECT *, lag(evidence) OVER in_time IS DISTINCT FROM evidence AS begins,
           lead(evidence) OVER in_time IS DISTINCT FROM evidence AS ends
      FROM sighting WINDOW in_time AS (PARTITION BY session ORDER BY occurred_at, is_event DESC, id)
)
SELECT {", ".join(_RUN)}
  FROM reported WHERE is_event AND (begins OR ends) ORDER BY session, occurred_at, id
"""  # noqa: S608 - fixed names


class Found(NamedTuple):
    """The session of an event, and when it happened."""

    session: bytes | None
    occurred_at: datetime


async def add_up_batches(
    tenant: Tenant,
    batches: Sequence[Batch],
    slots: Slots,
    cuts: Mapping[bytes, Sequence[datetime]],
    superseded: int = 0,
) -> list[EventGroup]:
    """Sum the events of batches; no group lies on both sides of a cut of its session.

    Leaves out those that this transaction superseded, and needs their number. Raises LookupError when an event or its
    price is missing.
    """
    columns = rows_as_columns([(session, _array(instants)) for session, instants in cuts.items()]) or [[], []]
    async with tenant.planner(**GROUPED):
        rows = await tenant.fetch(_OF_COUNTED if superseded else _OF_BATCHES, *keys_of(batches), *slots, *columns)
    if sum(row["events"] for row in rows) + superseded != sum(batch.events for batch in batches):
        raise LookupError
    return await aside(len(rows), _groups, rows)


async def add_up_counted(tenant: Tenant, changes: Mapping[bytes, Change]) -> list[EventGroup]:
    """Sum folded events of sessions where their links changed."""
    columns = rows_as_columns([(session, *span, _array(cuts)) for session, (span, cuts) in changes.items()])
    slots = Slots(
        min(change.span.first for change in changes.values()).replace(minute=0, second=0, microsecond=0),
        max(change.span.last for change in changes.values()),
    )
    rows = await tenant.fetch(_COUNTED, *slots, *columns)
    return await aside(len(rows), _groups, rows)


async def add_up_events(
    tenant: Tenant, events: Mapping[bytes, Found], cuts: Mapping[bytes, Sequence[datetime]]
) -> list[EventGroup]:
    """Sum events by id; no group lies on both sides of a cut of its session.

    Raises LookupError when an event, or the price it was folded with, is missing.
    """
    if not events:
        return []
    occurred = sorted(found.occurred_at for found in events.values())
    slots = Slots(occurred[0].replace(minute=0, second=0, microsecond=0), occurred[-1])
    columns = rows_as_columns([(session, _array(instants)) for session, instants in cuts.items()]) or [[], []]
    rows = await tenant.fetch(_OF_IDS, *slots, sorted(events), *columns)
    if sum(row["events"] for row in rows) != len(events):
        raise LookupError
    return await aside(len(rows), _groups, rows)


async def read_runs(tenant: Tenant, sessions: Sequence[bytes], batches: Sequence[Batch]) -> dict[bytes, list[Run]]:
    """Return the runs of sessions from every event that is folded or in these batches."""
    rows = await tenant.fetch(_RUNS, sorted(sessions), [batch.batch_id for batch in batches])
    runs: dict[bytes, list[Run]] = {session: [] for session in sessions}
    for row in rows:
        session_runs = runs[row["session"]]
        if row["begins"]:
            session_runs.append(Run(Evidence._make(row[_OF_RUN]), row["occurred_at"], row["occurred_at"]))
        else:
            session_runs[-1] = session_runs[-1]._replace(last=row["occurred_at"])
    return runs


def _array(instants: Sequence[datetime]) -> str:
    return "{" + ",".join(f'"{instant.isoformat()}"' for instant in instants) + "}"


def _groups(rows: Sequence[Record]) -> list[EventGroup]:
    return [_group(row) for row in rows]


def _group(row: Record) -> EventGroup:
    values = tuple(row)
    surcharges = Surcharges._make(values[_OF_SURCHARGES])
    return EventGroup(
        values[_TEAM_ID],
        values[_HOUR],
        Dimensions._make(values[_DIMENSIONS]),
        values[_SESSION],
        Evidence._make(values[_EVIDENCE]),
        values[_FIRST],
        values[_LAST],
        Amounts._make((values[_REQUESTS], TokenCounts._make(values[_TOKENS]), *values[_REST], surcharges)),
    )
