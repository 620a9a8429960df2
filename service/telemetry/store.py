"""Writing what arrived: token events, session evidence and the totals at the door, in one transaction.

What spans and metrics of one service tell together is counted first: see measuring.

Rows are written in the order of their keys, so that two processes that store the same body wait for each other
instead of dead-locking. Only rows that were really added enter the totals.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date
from itertools import starmap

from schema.database import Connection, Database, rows_as_columns
from schema.tokens import TokenCounts
from service.telemetry.hashing import EventRow, EvidenceRow, IntakeRows
from service.telemetry.measuring import measured
from service.telemetry.teams import team_ids

ADD_EVENTS = """
    INSERT INTO token_event (
        organization_id, event_id, occurred_at, team_id, source, provider, model, workflow, prompt_template,
        context_tier, session, artifact, number, commit, branch, repository,
        input_uncached, cache_read, cache_write, output_visible, output_reasoning)
    SELECT $1::bigint, event.*
    FROM unnest(
        $2::bytea[], $3::timestamptz[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::text[], $11::bytea[], $12::bytea[], $13::bytea[], $14::bytea[], $15::bytea[], $16::bytea[],
        $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[]) AS event
    ON CONFLICT (organization_id, event_id) DO NOTHING
    RETURNING event_id
"""
REMEMBER = """
    INSERT INTO remembered_event (organization_id, event_id)
    SELECT $1::bigint, event_id FROM unnest($2::bytea[]) AS event (event_id)
    ON CONFLICT (organization_id, event_id) DO NOTHING
    RETURNING event_id
"""
ADD_EVIDENCE = """
    INSERT INTO session_evidence (
        organization_id, evidence_id, session, occurred_at, artifact, number, commit, branch, repository)
    SELECT $1::bigint, evidence.*
    FROM unnest(
        $2::bytea[], $3::bytea[], $4::timestamptz[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[], $9::bytea[]
    ) AS evidence
    ON CONFLICT (organization_id, evidence_id) DO NOTHING
"""
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


async def save(database: Database, organization_id: int, requests: Sequence[IntakeRows], team_limit: int) -> list[int]:
    """Store the rows of several requests together; how many token events each of them added.

    An event that two of them hold counts for the first. Raises UnavailableError when PostgreSQL is away, and then
    nothing was stored.
    """
    async with database.organization(organization_id) as connection:
        requests = await measured(connection, organization_id, requests)
        events = await _with_teams(connection, organization_id, requests, team_limit)
        added = await add_events(connection, organization_id, events)
        await _add_evidence(connection, organization_id, [row for request in requests for row in request.evidence])
        await add_totals(connection, organization_id, [events[event_id] for event_id in added])
    return _shares(requests, added)


async def _with_teams(
    connection: Connection, organization_id: int, requests: Sequence[IntakeRows], team_limit: int
) -> dict[bytes, tuple[int, EventRow]]:
    """Team and row of each event, by its id; the first of several with one id stays."""
    labels = {row.team for request in requests if request.team_id is None for row in request.events if row.team}
    teams = await team_ids(connection, organization_id, labels, team_limit)
    events: dict[bytes, tuple[int, EventRow]] = {}
    for request in requests:
        for row in request.events:
            if row.only_failed:
                continue
            events.setdefault(row.event_id, (request.team_id or teams[row.team], row))
    return events


async def add_events(
    connection: Connection, organization_id: int, events: dict[bytes, tuple[int, EventRow]]
) -> set[bytes]:
    """Store events, with their teams, that are new; the ids of those."""
    known = await remember(connection, organization_id, [row.event_id for _, row in events.values() if row.remembered])
    rows = [
        (row.event_id, row.occurred_at, team_id, *row[3:10], *row.links, *row.tokens)
        for event_id, (team_id, row) in sorted(events.items())
        if event_id not in known
    ]
    if not rows:
        return set()
    stored = await connection.fetch(ADD_EVENTS, organization_id, *rows_as_columns(rows))
    return {row["event_id"] for row in stored}


async def remember(connection: Connection, organization_id: int, event_ids: Iterable[bytes]) -> set[bytes]:
    """Keep the ids of events that may be told again long after their rows are gone; which of them were known before."""
    told = sorted(event_ids)
    if not told:
        return set()
    new = await connection.fetch(REMEMBER, organization_id, told)
    return set(told).difference(row["event_id"] for row in new)


async def _add_evidence(connection: Connection, organization_id: int, evidence: Sequence[EvidenceRow]) -> None:
    if evidence:
        rows = [(row.evidence_id, row.session, row.occurred_at, *row.links) for row in sorted(set(evidence))]
        await connection.execute(ADD_EVIDENCE, organization_id, *rows_as_columns(rows))


async def add_totals(connection: Connection, organization_id: int, events: Sequence[tuple[int, EventRow]]) -> None:
    """Count events, with their teams, at the door."""
    sums: dict[tuple[int, date], list[TokenCounts]] = defaultdict(list)
    for team_id, row in events:
        sums[team_id, row.occurred_at.astimezone(UTC).date()].append(row.tokens)
    if sums:
        rows = [(*key, len(tokens), *starmap(_sum, zip(*tokens, strict=True))) for key, tokens in sorted(sums.items())]
        await connection.execute(ADD_TOTALS, organization_id, *rows_as_columns(rows))


def _sum(*kind: int) -> int:
    return sum(kind)


def _shares(requests: Sequence[IntakeRows], added: set[bytes]) -> list[int]:
    shares = []
    for request in requests:
        mine = added.intersection(row.event_id for row in request.events)
        added = added - mine
        shares.append(len(mine))
    return shares
