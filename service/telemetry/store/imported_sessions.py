"""Sessions that both telemetry and an import report, where no request id says which requests are the same.

An import holds all requests of its sessions up to its last one. So telemetry of the same session and UTC day that names
no request ids is superseded up to that instant: what arrives later adds nothing, and what is stored is withdrawn when
the import arrives. Telemetry dates a request at its end, so the last requests of an import are known by their counts,
too. Metrics of a session are compared with its requests, imported or not: see tallies.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple

from schema.database import Tenant
from service.http.event_packing import EventRow
from service.telemetry.measured.marks import add_marks, known_marks
from service.telemetry.measured.withdrawals import COLUMNS, derived_id, stored_event, withdrawal
from service.telemetry.store.event_batches import PLAN, TeamEvent
from service.telemetry.store.reported_requests import REACH, Rows
from vocabulary.imported_sources import IMPORTED_SOURCES
from vocabulary.tokens import TOKEN_KINDS, TokenCounts

_KINDS = ", ".join(f"event.{kind}" for kind in TOKEN_KINDS)
_TOTAL = " + ".join(f"event.{kind}" for kind in TOKEN_KINDS)
_IS_IMPORTED = """
    EXISTS (SELECT FROM idempotency_key AS known
             WHERE known.organization_id = $1 AND known.event_id = event.event_id)
"""
FIND_IMPORTED = f"""
    SELECT event.session, event.occurred_at, event.request IS NOT NULL AS has_id, {_KINDS}
      FROM token_event AS event
     WHERE event.organization_id = $1 AND event.session = ANY($2::bytea[]) AND {_TOTAL} > 0 AND {_IS_IMPORTED}
"""  # noqa: S608 - fixed names
# Events of metrics are left to the tallies.
FIND_MEASURED = f"""
    SELECT {", ".join(f"event.{name}" for name in COLUMNS)}, event.request IS NOT NULL AS has_id
      FROM token_event AS event
     WHERE event.organization_id = $1 AND event.session = ANY($2::bytea[]) AND {_TOTAL} > 0 AND NOT {_IS_IMPORTED}
       AND NOT EXISTS (SELECT FROM metric_event AS metric
                        WHERE metric.organization_id = $1 AND metric.event_id = event.event_id)
       AND NOT EXISTS (SELECT FROM token_event AS withdrawn
                        WHERE withdrawn.organization_id = $1
                          AND withdrawn.event_id = sha256('withdrawn'::bytea || event.event_id))
"""  # noqa: S608 - fixed names


class Imported(NamedTuple):
    """An imported request: when its response began, whether it has a request id, and its tokens."""

    occurred_at: datetime
    has_id: bool
    tokens: TokenCounts


class ImportedSession:
    """The imported requests of a session."""

    def __init__(self) -> None:
        self._until: datetime | None = None
        self._days: set[date] = set()
        self._last: dict[TokenCounts, datetime] = {}
        self._has_ids = False

    def add(self, request: Imported) -> None:
        """Add a request."""
        began_at = request.occurred_at
        self._until = max(self._until or began_at, began_at)
        self._days.add(began_at.astimezone(UTC).date())
        self._last[request.tokens] = max(self._last.get(request.tokens, began_at), began_at)
        self._has_ids = self._has_ids or request.has_id

    def compares(self, *, has_id: bool) -> bool:
        """Return whether the session decides on an event; request ids do where both have them."""
        return self._until is not None and not (has_id and self._has_ids)

    def holds(self, event: EventRow) -> bool:
        """Return whether an event of telemetry ended before the import did, on one of its days."""
        ended_at = event.occurred_at
        return self._until is not None and ended_at <= self._until and ended_at.astimezone(UTC).date() in self._days

    def twin(self, event: EventRow) -> bytes | None:
        """Return the id of the last imported request with the tokens of a later event, if it can be the same."""
        began_at = self._last.get(event.tokens)
        if began_at is None or not began_at <= event.occurred_at <= began_at + REACH:
            return None
        return derived_id(b"twin", repr((event.session, began_at.timestamp(), *event.tokens)).encode())


async def find_superseded(tenant: Tenant, rows: Rows, sources: Collection[str]) -> set[bytes]:
    """Return the events of telemetry, of these by id, that an import of their sessions holds, stored or just now.

    `sources` are those that were imported.
    """
    measured = [
        row
        for row in rows.values()
        if not row.remembered and row.session is not None and row.source in sources and any(row.tokens)
    ]
    if not measured:
        return set()
    sessions = _sessions(rows.values())
    async with tenant.planner(**PLAN):
        for stored in await tenant.fetch(FIND_IMPORTED, sorted({row.session or b"" for row in measured})):
            tokens = TokenCounts(*(stored[kind] for kind in TOKEN_KINDS))
            sessions[stored["session"]].add(Imported(stored["occurred_at"], stored["has_id"], tokens))
    comparable = [
        row for row in measured if row.session and sessions[row.session].compares(has_id=row.request is not None)
    ]
    return {row.event_id for row in await _superseded(tenant, comparable, sessions)}


async def withdraw_superseded(tenant: Tenant, rows: Rows) -> list[TeamEvent]:
    """Return withdrawals of stored telemetry that the imported ones of these events hold."""
    sessions = _sessions(rows.values())
    if not sessions:
        return []
    async with tenant.planner(**PLAN):
        stored = await tenant.fetch(FIND_MEASURED, sorted(sessions))
    comparable = [row for row in stored if sessions[row["session"]].compares(has_id=row["has_id"])]
    teams = {row["event_id"]: row["team_id"] for row in comparable}
    superseded = await _superseded(tenant, [stored_event(row) for row in comparable], sessions)
    return [(teams[event.event_id], withdrawal(event)) for event in superseded]


async def _superseded(
    tenant: Tenant, events: Iterable[EventRow], sessions: Mapping[bytes, ImportedSession]
) -> list[EventRow]:
    """Return the events that imported sessions hold. An imported request takes only one later event for its own."""
    superseded: list[EventRow] = []
    later: dict[EventRow, bytes] = {}
    for event in sorted(events, key=lambda event: (event.occurred_at, event.event_id)):
        session = sessions[event.session or b""]
        if session.holds(event):
            superseded.append(event)
        elif twin := session.twin(event):
            later[event] = twin
    if not later:
        return superseded
    taken = {event: derived_id(b"superseded", event.event_id) for event in later}
    known = await known_marks(tenant, {*later.values(), *taken.values()})
    marks: set[bytes] = set()
    for event, twin in later.items():
        if taken[event] in known or twin not in known | marks:
            marks |= {twin, taken[event]}
            superseded.append(event)
    await add_marks(tenant, marks)
    return superseded


def _sessions(rows: Iterable[EventRow]) -> defaultdict[bytes, ImportedSession]:
    sessions: defaultdict[bytes, ImportedSession] = defaultdict(ImportedSession)
    for row in rows:
        if row.remembered and row.source in IMPORTED_SOURCES and row.session and any(row.tokens):
            sessions[row.session].add(Imported(row.occurred_at, row.request is not None, row.tokens))
    return sessions
