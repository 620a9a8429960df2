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

# Each id is looked up in the primary key: without statistics the planner would read all of an organization's rows.
FIND = """
    SELECT wanted.report_id
      FROM unnest($2::bytea[]) AS wanted (report_id),
           LATERAL (SELECT FROM reported_request AS known
                     WHERE known.organization_id = $1 AND known.report_id = wanted.report_id
                     LIMIT 1) AS found
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
        others = {event_id: _report_id(row, other) for event_id, row in rows.items()}
        known = await _find(tenant, set(others.values()))
        repeated |= {event_id for event_id, report_id in others.items() if report_id in known}
        new = (row for event_id, row in rows.items() if event_id not in repeated)
        await _remember(tenant, {_report_id(row, reporter) for row in new})
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
