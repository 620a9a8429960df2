"""Store token events, session evidence and intake totals in one transaction.

Spans and metrics are turned into events first: see measuring. Transactions of one organization run one after another.
Only rows that were really added enter the totals.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, timedelta

from msgspec.structs import replace

from schema.database import Database, Tenant, rows_as_columns
from service.telemetry.hashing.rows import EvidenceRow, IntakeRows
from service.telemetry.measured.measuring import measured
from service.telemetry.reading.normalised import Dropped
from service.telemetry.store.event_batches import TeamEvent, add_events, lock_intake, remember
from service.telemetry.store.imported_sessions import find_superseded, withdraw_superseded
from service.telemetry.store.metered_hours import count_once
from service.telemetry.store.reported_requests import Rows, find_reported, imported_sources
from service.telemetry.store.session_evidence import add_evidence
from service.telemetry.store.teams import team_ids
from service.telemetry.store.unnamed_requests import take_unnamed
from vocabulary.tokens import TokenCounts

# Telemetry dates a request at its end, a transcript when its response begins.
LATER = timedelta(minutes=1)

ADD_TOTALS = """
    INSERT INTO intake_total AS total (
        organization_id, team_id, day, requests,
        input_uncached, cache_read, cache_write, output_visible, output_reasoning)
    SELECT $1::bigint, added.*
    FROM unnest(
        $2::bigint[], $3::date[], $4::bigint[],
        $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]) AS added
    ON CONFLICT (organization_id, team_id, day) DO UPDATE SET
        requests = total.requests + excluded.requests,
        input_uncached = total.input_uncached + excluded.input_uncached,
        cache_read = total.cache_read + excluded.cache_read,
        cache_write = total.cache_write + excluded.cache_write,
        output_visible = total.output_visible + excluded.output_visible,
        output_reasoning = total.output_reasoning + excluded.output_reasoning
"""


ADD_DROPPED = """
    INSERT INTO dropped_record AS known (organization_id, day, source, signal, reason, records, tokens)
    SELECT $1::bigint, (now() AT TIME ZONE 'UTC')::date, dropped.*
    FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[]) AS dropped
    ON CONFLICT (organization_id, day, source, signal, reason) DO UPDATE SET
        records = known.records + excluded.records, tokens = known.tokens + excluded.tokens
"""


async def save(database: Database, organization_id: int, requests: Sequence[IntakeRows], team_limit: int) -> list[int]:
    """Store the rows of several requests together; return how many token events each request added.

    An event that is in two requests counts for the first. Raises UnavailableError when PostgreSQL cannot be reached;
    nothing is stored then.
    """
    async with database.organization(organization_id) as tenant:
        await lock_intake(tenant)
        reported: Rows = {}
        for request in requests:
            for row in request.events:
                reported.setdefault(row.event_id, row)
        requests = await _without_repeated(tenant, requests, reported)
        requests = await measured(tenant, requests)
        events = await _with_teams(tenant, requests, team_limit)
        metered = {event_id for request in requests for event_id in request.metered}
        # Those that were made from spans just now.
        new = {event_id: row for event_id, (_, row) in events.items() if event_id not in reported}
        if imported := await imported_sources(tenant, new):
            for event_id in await find_reported(tenant, new, imported):
                del events[event_id]
            spans = {event_id: row for event_id, row in new.items() if event_id in events and event_id not in metered}
            spans = {event_id: row for event_id, row in spans.items() if min(row.tokens) >= 0}
            for event_id in await find_superseded(tenant, spans, imported):
                del events[event_id]
        await count_once(tenant, events, metered)
        added = await add_events(tenant, events)
        evidence = [row for request in requests for row in request.evidence]
        await add_evidence(tenant, [*evidence, *_evidence_of_known(reported, added)])
        await add_totals(tenant, added.values())
        await _add_dropped(tenant, requests)
    return _shares(requests, events, added)


async def _without_repeated(tenant: Tenant, requests: Sequence[IntakeRows], reported: Rows) -> Sequence[IntakeRows]:
    """Return the requests without events that telemetry or an import reported the other way.

    Stored telemetry that an import supersedes is withdrawn by corrections of the first request.
    """
    imported = await imported_sources(tenant, reported)
    if not imported:
        return requests
    repeated = await find_reported(tenant, reported, imported)
    repeated |= await find_superseded(tenant, reported, imported)
    withdrawn = await withdraw_superseded(tenant, reported)
    repeated |= await take_unnamed(tenant, (row for event_id, row in reported.items() if event_id not in repeated))
    if not repeated and not withdrawn:
        return requests
    return [
        replace(
            request,
            events=[row for row in request.events if row.event_id not in repeated],
            superseded=[row for row in request.events if row.event_id in repeated & request.tallies.keys()],
            corrections=withdrawn if number == 0 else (),
        )
        for number, request in enumerate(requests)
    ]


async def _with_teams(tenant: Tenant, requests: Sequence[IntakeRows], team_limit: int) -> dict[bytes, TeamEvent]:
    """Return team and row of each event by its id; the first of several with the same id stays."""
    labels = {row.team for request in requests if request.team_id is None for row in request.events if row.team}
    teams = await team_ids(tenant, labels, team_limit)
    events: dict[bytes, TeamEvent] = {}
    for request in requests:
        for row in request.events:
            events.setdefault(row.event_id, (request.team_id or teams[row.team], row))
        events |= {row.event_id: (team_id, row) for team_id, row in request.corrections}
    return events


def _evidence_of_known(received: Rows, added: Collection[bytes]) -> Iterator[EvidenceRow]:
    """Yield the work that events of a bulk name whose tokens are known already: a transcript may name it later."""
    for event_id, row in received.items():
        if row.remembered and event_id not in added and row.session is not None and row.links.name_work:
            yield EvidenceRow(event_id, row.session, row.occurred_at + LATER, row.links)


async def _add_dropped(tenant: Tenant, requests: Sequence[IntakeRows]) -> None:
    """Count what is dropped: telemetry as often as it arrives, rows of imports once."""
    records: Counter[Dropped] = Counter()
    tokens: Counter[Dropped] = Counter()
    for request in requests:
        records.update(request.dropped)
    left_out = {row.record_id: row for request in requests for row in request.left_out}
    for record_id in left_out.keys() - set(await remember(tenant, left_out)):
        records[left_out[record_id].dropped] += 1
        tokens[left_out[record_id].dropped] += left_out[record_id].tokens
    if records:
        rows = [(*key, number, tokens[key]) for key, number in sorted(records.items())]
        await tenant.execute(ADD_DROPPED, *rows_as_columns(rows))


async def add_totals(tenant: Tenant, events: Collection[TeamEvent]) -> None:
    """Add events to the intake totals of their teams and days."""
    sums: dict[tuple[int, date], list[TokenCounts]] = defaultdict(list)
    for team_id, row in events:
        sums[team_id, row.occurred_at.astimezone(UTC).date()].append(row.tokens)
    if sums:
        rows = [(*key, requests(tokens), *map(sum, zip(*tokens, strict=True))) for key, tokens in sorted(sums.items())]
        await tenant.execute(ADD_TOTALS, *rows_as_columns(rows))


def requests(events: Sequence[TokenCounts]) -> int:
    """Return the number of requests of events: a withdrawal takes one back."""
    # Withdrawals are rare, and this runs for every event.
    if min(map(min, events)) >= 0:
        return len(events)
    return len(events) - 2 * sum(tokens.total < 0 for tokens in events)


def _shares(requests: Sequence[IntakeRows], events: Collection[bytes], added: Collection[bytes]) -> list[int]:
    """Return how many of the added events came first in each request."""
    if len(added) == len(events) == sum(len(request.events) for request in requests):
        return [len(request.events) for request in requests]
    left, shares = set(added), []
    for request in requests:
        first = left.intersection(row.event_id for row in request.events)
        left -= first
        shares.append(len(first))
    return shares
