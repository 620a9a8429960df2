"""Compare an agent's metrics and spans with the log records of the same session, or of the same service.

Agents report each request in a log record, and the same tokens in a counter and in spans. The log records count. But a
counter that reports more shows that records were lost, or never sent, and then counts for the rest: see tallies. So do
spans. Sessions of which neither arrives have no tally, and their records are stored without any of this.

Some agents name the session in log records only. Then all records of the service have a tally from the beginning.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from schema.database import Tenant
from service.http.event_packing import EventRow
from service.telemetry.hashing.rows import IntakeRows
from service.telemetry.measured.tallies import SignalTotal

FIND_TALLIES = "SELECT tally_id FROM token_tally WHERE organization_id = $1 AND tally_id = ANY($2::bytea[])"
# A tally begins with the records that arrived before the session's first metric or span.
STORED = """
    SELECT session, max(occurred_at) AS until,
           sum(input_uncached + cache_read + cache_write)::bigint AS input,
           sum(output_visible + output_reasoning)::bigint AS output
      FROM token_event WHERE organization_id = $1 AND session = ANY($2::bytea[]) GROUP BY session
"""
REMEMBER_STORED = """
    INSERT INTO measurement (organization_id, measurement_id)
    SELECT $1, event_id FROM token_event WHERE organization_id = $1 AND session = ANY($2::bytea[])
    ON CONFLICT (organization_id, measurement_id) DO NOTHING
"""


class NumberedEvent(NamedTuple):
    """An event of a log record, its tally, and the index of the request that reported it."""

    request: int
    tally: bytes
    row: EventRow
    by_session: bool
    is_superseded: bool = False


async def known_sessions(tenant: Tenant, requests: Sequence[IntakeRows]) -> tuple[set[bytes], set[bytes]]:
    """Return the sessions of these requests that have a tally, and those whose first metric or span is in them."""
    measured = {row.tally for request in requests for row in request.points if row.by_session}
    measured |= {row.tally for request in requests for row in request.spans if row.by_session}
    logged = {row.session for request in requests for row in request.events if row.session}
    wanted = sorted(measured | logged)
    known = {row["tally_id"] for row in await tenant.fetch(FIND_TALLIES, wanted)} if wanted else set()
    return known, measured - known


async def stored_totals(tenant: Tenant, sessions: Collection[bytes]) -> dict[bytes, SignalTotal]:
    """Return what stored log records of sessions reported, and remember them as counted."""
    if not sessions:
        return {}
    ids = sorted(sessions)
    await tenant.execute(REMEMBER_STORED, ids)
    rows = await tenant.fetch(STORED, ids)
    return {row["session"]: SignalTotal(row["input"], row["output"], row["until"]) for row in rows}


def events_of(requests: Sequence[IntakeRows], sessions: Collection[bytes]) -> list[NumberedEvent]:
    """Return the events with tokens of these sessions, and of services with a tally, each once."""
    found: dict[bytes, NumberedEvent] = {}
    for number, request in enumerate(requests):
        for row in request.superseded:
            found[row.event_id] = NumberedEvent(number, request.tallies[row.event_id], row, False, True)
        for row in request.events if sessions or request.tallies else ():
            by_session = row.session in sessions
            tally = row.session if by_session else request.tallies.get(row.event_id)
            if tally is not None and not row.only_failed:
                found.setdefault(row.event_id, NumberedEvent(number, tally, row, by_session))
    return list(found.values())
