"""Requests without an id that telemetry reported and whose raw events are deleted: an import adds nothing for them.

While raw events exist, sessions decide: see imported_sessions. Later, nothing may be known of a session. What is kept
of a request is its size and the half hour of its end; two requests of a source seldom agree in both (see
workers/layers/copies.py). Each kept request stands for one of an import, which is then remembered as counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from schema.database import Tenant, rows_as_columns
from service.http.event_packing import EventRow
from service.telemetry.store.event_batches import PLAN, remember
from service.telemetry.store.reported_requests import REACH, Rows
from vocabulary.imported_sources import IMPORTED_SOURCES

HALF_HOUR = timedelta(minutes=30)
# Clocks of one machine agree, but what is dated differs: an import may date a request after its end.
BEFORE = timedelta(minutes=1)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

FIND = """
    SELECT kept.source, kept.input, kept.output, kept.half_hour, kept.requests
      FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS wanted (source, input, output)
      JOIN unnamed_request AS kept
        ON kept.organization_id = $1 AND kept.source = wanted.source
       AND kept.input = wanted.input AND kept.output = wanted.output
     WHERE kept.half_hour BETWEEN $5 AND $6
"""
FIND_COUNTED = "SELECT event_id FROM idempotency_key WHERE organization_id = $1 AND event_id = ANY($2::bytea[])"
TAKE = """
    UPDATE unnamed_request AS kept SET requests = kept.requests - taken.requests
      FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::bigint[])
        AS taken (source, input, output, half_hour, requests)
     WHERE kept.organization_id = $1 AND kept.source = taken.source AND kept.input = taken.input
       AND kept.output = taken.output AND kept.half_hour = taken.half_hour
"""


class Size(NamedTuple):
    """The source of a request, and its tokens. Input includes the cache, because sources split differently."""

    source: str
    input: int
    output: int


async def take_unnamed(tenant: Tenant, rows: Iterable[EventRow]) -> set[bytes]:
    """Return the imported ones of these events that telemetry reported without an id, and remember them as counted.

    Call `lock_intake` first.
    """
    imported = {
        row.event_id: row for row in rows if row.remembered and row.source in IMPORTED_SOURCES and any(row.tokens)
    }
    if not imported:
        return set()
    kept = await _find(tenant, imported)
    if not kept:
        return set()
    counted = {row["event_id"] for row in await tenant.fetch(FIND_COUNTED, sorted(imported))}
    new = sorted((row for row in imported.values() if row.event_id not in counted), key=_when)
    taken, found = match(new, kept)
    if taken:
        await tenant.execute(TAKE, *rows_as_columns([(*size, at, taken[size, at]) for size, at in sorted(taken)]))
        await remember(tenant, found)
    return found


def match(
    rows: Iterable[EventRow], kept: Mapping[Size, Mapping[datetime, int]]
) -> tuple[dict[tuple[Size, datetime], int], set[bytes]]:
    """Return how many kept requests are taken, by size and half hour, and the ids of the events that take them."""
    taken: defaultdict[tuple[Size, datetime], int] = defaultdict(int)
    found = set()
    for row in rows:
        size = size_of(row)
        left = kept.get(size, {})
        place = next((at for at in _half_hours(row) if left.get(at, 0) > taken[size, at]), None)
        if place is not None:
            taken[size, place] += 1
            found.add(row.event_id)
    return {key: number for key, number in taken.items() if number}, found


def size_of(row: EventRow) -> Size:
    """Return the size of the request of an event."""
    return Size(row.source, sum(row.tokens[:3]), sum(row.tokens[3:]))


async def _find(tenant: Tenant, imported: Rows) -> dict[Size, dict[datetime, int]]:
    sizes = sorted({size_of(row) for row in imported.values()})
    instants = [row.occurred_at for row in imported.values()]
    span = _half_hour(min(instants) - BEFORE), max(instants) + REACH
    async with tenant.planner(**PLAN):
        rows = await tenant.fetch(FIND, *rows_as_columns(sizes), *span)
    kept: defaultdict[Size, dict[datetime, int]] = defaultdict(dict)
    for row in rows:
        kept[Size(row["source"], row["input"], row["output"])][row["half_hour"]] = row["requests"]
    return kept


def _half_hours(row: EventRow) -> Iterator[datetime]:
    """Yield the half hours in which a request may have ended."""
    at = _half_hour(row.occurred_at - BEFORE)
    while at <= row.occurred_at + REACH:
        yield at
        at += HALF_HOUR


def _half_hour(instant: datetime) -> datetime:
    return instant - (instant - EPOCH) % HALF_HOUR


def _when(row: EventRow) -> tuple[datetime, bytes]:
    return row.occurred_at, row.event_id
