"""Requests that both telemetry and an import report, known by the provider's request id: the first report counts.

So an import fills what telemetry lost in an outage, and telemetry that arrives later adds nothing to an import. Reports
of one kind are never compared with each other here: a request id may occur several times in an agent's telemetry.

Requests of imports are remembered as they arrive, those of telemetry only when their raw events are deleted: telemetry
is frequent, and imports are rare.
"""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from schema.database import Tenant, rows_as_columns
from service.http.event_packing import EventRow
from service.telemetry.store.event_batches import PLAN
from vocabulary.imported_sources import BY_IMPORT, BY_TELEMETRY, IMPORTED_SOURCES

# No request takes longer: telemetry dates it at its end, a transcript when its response begins.
REACH = timedelta(minutes=30)

# Each id is looked up in the primary key: without statistics the planner would read all of an organization's rows.
FIND = """
    SELECT wanted.report_id
      FROM unnest($2::bytea[]) AS wanted (report_id),
           LATERAL (SELECT FROM reported_request AS known
                     WHERE known.organization_id = $1 AND known.report_id = wanted.report_id
                     LIMIT 1) AS found
"""
FIND_RAW = """
    SELECT DISTINCT event.source, event.request
      FROM unnest($2::timestamptz[], $3::timestamptz[]) AS span (begins, ends)
      JOIN token_event AS event
        ON event.organization_id = $1 AND event.occurred_at BETWEEN span.begins AND span.ends
     WHERE event.request = ANY($4::bytea[])
       AND event.input_uncached + event.cache_read + event.cache_write
           + event.output_visible + event.output_reasoning > 0
"""
REMEMBER = """
    INSERT INTO reported_request (organization_id, report_id)
    SELECT $1::bigint, report_id FROM unnest($2::bytea[]) AS report (report_id)
    ON CONFLICT (organization_id, report_id) DO UPDATE SET seen_at = now()
"""

Rows = dict[bytes, EventRow]


async def imported_sources(tenant: Tenant, rows: Rows) -> set[str]:
    """Return which sources of these events have been imported; remember those that are imported now."""
    imports = {row.source for row in rows.values() if row.remembered and row.source in IMPORTED_SOURCES}
    if imports:
        await tenant.execute(REMEMBER, sorted(map(_mark, imports)))
    others = {row.source for row in rows.values() if row.source in IMPORTED_SOURCES} - imports
    marks = {_mark(source): source for source in others}
    return imports | {marks[mark] for mark in await _find(tenant, marks)}


async def find_reported(tenant: Tenant, rows: Rows, sources: Collection[str]) -> set[bytes]:
    """Return the events, of these by id, whose requests were reported the other way; remember requests of imports.

    `sources` are those that were imported. Call `lock_intake` first.
    """
    imported, measured = (
        {
            event_id: row
            for event_id, row in rows.items()
            if row.remembered is remembered and row.source in sources and row.request is not None and any(row.tokens)
        }
        for remembered in (True, False)
    )
    repeated = await _imported_before(tenant, measured)
    counted = [row for event_id, row in measured.items() if event_id not in repeated]
    return repeated | await _measured_before(tenant, imported, counted)


async def _imported_before(tenant: Tenant, measured: Rows) -> set[bytes]:
    """Return the events of telemetry whose requests an import reported."""
    reports = {event_id: _report_id(row, BY_IMPORT) for event_id, row in measured.items()}
    known = await _find(tenant, set(reports.values()))
    return {event_id for event_id, report_id in reports.items() if report_id in known}


async def _measured_before(tenant: Tenant, imported: Rows, counted: Iterable[EventRow]) -> set[bytes]:
    """Return the events of an import whose requests telemetry reported, also just now; remember the others."""
    if not imported:
        return set()
    reports = {event_id: _report_id(row, BY_IMPORT) for event_id, row in imported.items()}
    again = await _find(tenant, set(reports.values()))
    new = {event_id: row for event_id, row in imported.items() if reports[event_id] not in again}
    raw = {(row.source, row.request) for row in counted} | await _find_raw(tenant, new.values())
    kept = await _find(tenant, {_report_id(row, BY_TELEMETRY) for row in new.values()})
    repeated = {
        event_id
        for event_id, row in new.items()
        if (row.source, row.request) in raw or _report_id(row, BY_TELEMETRY) in kept
    }
    fresh = {event_id: row for event_id, row in new.items() if event_id not in repeated}
    if fresh:
        await tenant.execute(REMEMBER, sorted({reports[event_id] for event_id in fresh}))
    return repeated


def _report_id(row: EventRow, reporter: bytes) -> bytes:
    """Return the id of a report. The request's id is a keyed hash already."""
    return hashlib.sha256(b"%b/%b/%b" % (reporter, row.source.encode(), row.request or b"")).digest()


def _mark(source: str) -> bytes:
    """Return the id of a row that says that requests of a source were imported."""
    return hashlib.sha256(b"%b/%b" % (BY_IMPORT, source.encode())).digest()


async def _find_raw(tenant: Tenant, rows: Collection[EventRow]) -> set[tuple[str, bytes | None]]:
    """Return source and request of raw events that report one of these requests about the same time."""
    if not rows:
        return set()
    spans = rows_as_columns(_spans(row.occurred_at for row in rows))
    async with tenant.planner(**PLAN):
        found = await tenant.fetch(FIND_RAW, *spans, sorted({row.request or b"" for row in rows}))
    return {(row["source"], row["request"]) for row in found}


def _spans(instants: Iterable[datetime]) -> list[tuple[datetime, datetime]]:
    """Return the times around some instants, joined where they touch."""
    spans: list[tuple[datetime, datetime]] = []
    for instant in sorted(instants):
        if spans and instant - REACH <= spans[-1][1]:
            spans[-1] = spans[-1][0], instant + REACH
        else:
            spans.append((instant - REACH, instant + REACH))
    return spans


async def _find(tenant: Tenant, report_ids: Collection[bytes]) -> set[bytes]:
    if not report_ids:
        return set()
    return {row["report_id"] for row in await tenant.fetch(FIND, sorted(report_ids))}
