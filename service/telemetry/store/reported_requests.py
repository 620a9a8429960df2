"""Requests that both telemetry and an import report, known by the provider's request id: the first report counts.

So an import fills what telemetry lost in an outage, and telemetry that arrives later adds nothing to an import. Reports
of one kind are never compared with each other here: a request id may occur several times in an agent's telemetry.
"""

import hashlib
from collections.abc import Collection
from enum import Enum

from schema.database import Tenant
from schema.vocabulary.imported_sources import IMPORTED_SOURCES
from service.http.event_packing import EventRow
from service.telemetry.store.event_batches import TeamEvent

FIND = """
    SELECT report_id FROM reported_request WHERE organization_id = $1 AND report_id = ANY($2::bytea[])
"""
REMEMBER = """
    INSERT INTO reported_request (organization_id, report_id)
    SELECT $1::bigint, report_id FROM unnest($2::bytea[]) AS report (report_id)
    ON CONFLICT (organization_id, report_id) DO NOTHING
"""


class Reporter(Enum):
    """Who reports a request."""

    TELEMETRY = b"telemetry"
    IMPORT = b"import"


async def without_reported(tenant: Tenant, events: dict[bytes, TeamEvent]) -> dict[bytes, TeamEvent]:
    """Return the events whose requests were not reported the other way, and remember their requests.

    Call `lock_intake` first.
    """
    requests = {event_id: row for event_id, (_, row) in events.items() if _is_comparable(row)}
    if not requests:
        return events
    repeated: set[bytes] = set()
    for reporter, other in ((Reporter.TELEMETRY, Reporter.IMPORT), (Reporter.IMPORT, Reporter.TELEMETRY)):
        rows = {event_id: row for event_id, row in requests.items() if row.remembered == (reporter is Reporter.IMPORT)}
        if not rows:
            continue
        known = await _find(tenant, {_report_id(row, other) for row in rows.values()})
        repeated |= {event_id for event_id, row in rows.items() if _report_id(row, other) in known}
        await _remember(
            tenant, {_report_id(row, reporter) for event_id, row in rows.items() if event_id not in repeated}
        )
    return {event_id: event for event_id, event in events.items() if event_id not in repeated} if repeated else events


def _is_comparable(row: EventRow) -> bool:
    return row.request is not None and row.source in IMPORTED_SOURCES and any(row.tokens)


def _report_id(row: EventRow, reporter: Reporter) -> bytes:
    """Return the id of a report. The request's id is a keyed hash already."""
    return hashlib.sha256(b"/".join((reporter.value, row.source.encode(), row.request or b""))).digest()


async def _find(tenant: Tenant, report_ids: Collection[bytes]) -> set[bytes]:
    return {row["report_id"] for row in await tenant.fetch(FIND, sorted(report_ids))}


async def _remember(tenant: Tenant, report_ids: Collection[bytes]) -> None:
    if report_ids:
        await tenant.execute(REMEMBER, sorted(report_ids))
