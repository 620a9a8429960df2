"""Store gateway requests, their bytes by hour, and token events of requests that report tokens.

All of it in one transaction, in the order of keys. Event ids are kept forever, so that a request counts once however
late it is sent again.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from schema.database import Database, Tenant, rows_as_columns
from service.gateway.bulk import GatewayRow, GatewayRows
from service.telemetry.store.event_batches import add_events, lock_intake, remember
from service.telemetry.store.rows import add_totals
from service.telemetry.store.teams import team_ids
from vocabulary.gateway_parts import Part, size_class

ADD_USAGE = """
    INSERT INTO gateway_usage (
        organization_id, event_id, occurred_at, team_id, provider, model, route, stream, request_bytes, response_bytes,
        input_tokens, output_tokens, state)
    SELECT $1::bigint, reported.*
    FROM unnest(
        $2::bytea[], $3::timestamptz[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::bigint[],
        $10::bigint[], $11::bigint[], $12::bigint[], $13::text[]) AS reported
"""
ADD_HOURS = """
    INSERT INTO gateway_hour AS total (
        organization_id, hour, team_id, provider, model, part, size_class, requests, bytes)
    SELECT $1::bigint, added.*
    FROM unnest(
        $2::timestamptz[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::int[], $8::bigint[], $9::bigint[]
    ) AS added
    ON CONFLICT (organization_id, hour, team_id, provider, model, part, size_class) DO UPDATE SET
        requests = total.requests + excluded.requests,
        bytes = total.bytes + excluded.bytes
"""
INVALIDATE_DAYS = """
    INSERT INTO stale_gateway_day (organization_id, team_id, day)
    SELECT $1::bigint, noted.* FROM unnest($2::bigint[], $3::date[]) AS noted
"""


class Added(NamedTuple):
    """How many requests of a bulk were new: with reported tokens, and with tokens to estimate."""

    measured: int
    to_estimate: int


class _Request(NamedTuple):
    """A request and its team."""

    team_id: int
    row: GatewayRow


async def save(database: Database, organization_id: int, bulks: Sequence[GatewayRows], team_limit: int) -> list[Added]:
    """Store the rows of several bulks together; return what each added. A request in two bulks counts for the first.

    Raises UnavailableError when PostgreSQL cannot be reached; nothing is stored then.
    """
    async with database.organization(organization_id) as tenant:
        await lock_intake(tenant)
        requests = await _with_teams(tenant, bulks, team_limit)
        known = await remember(tenant, requests)
        new = {event_id: requests[event_id] for event_id in sorted(requests) if event_id not in known}
        await _add_usage(tenant, new.values())
        await _add_hours(tenant, [each for each in new.values() if not each.row.has_tokens])
        measured = {event_id: (each.team_id, each.row.event) for event_id, each in new.items() if each.row.has_tokens}
        stored = await add_events(tenant, measured)
        await add_totals(tenant, stored.values())
    return _shares(bulks, new)


async def _with_teams(tenant: Tenant, bulks: Sequence[GatewayRows], team_limit: int) -> dict[bytes, _Request]:
    """Return team and row of each request by its id; the first of several with the same id stays."""
    labels = {row.event.team for bulk in bulks if bulk.team_id is None for row in bulk.rows if row.event.team}
    teams = await team_ids(tenant, labels, team_limit)
    requests: dict[bytes, _Request] = {}
    for bulk in bulks:
        for row in bulk.rows:
            requests.setdefault(row.event.event_id, _Request(bulk.team_id or teams[row.event.team], row))
    return requests


async def _add_usage(tenant: Tenant, requests: Iterable[_Request]) -> None:
    rows = [_usage_row(each) for each in requests]
    if rows:
        await tenant.execute(ADD_USAGE, *rows_as_columns(rows))


def _usage_row(request: _Request) -> tuple[object, ...]:
    row, event = request.row, request.row.event
    tokens = (event.tokens.input_uncached, event.tokens.output_visible) if row.has_tokens else (None, None)
    return (
        *(event.event_id, event.occurred_at, request.team_id, event.provider, event.model, row.route, row.stream),
        *(row.request_bytes, row.response_bytes, *tokens, "waiting" if row.has_tokens else "processed"),
    )


async def _add_hours(tenant: Tenant, requests: Sequence[_Request]) -> None:
    sums: dict[tuple[datetime, int, str, str, Part, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for team_id, row in requests:
        hour = row.event.occurred_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        for part, size in row.parts():
            key = (hour, team_id, row.event.provider, row.event.model, part, size_class(size))
            count, total = sums[key]
            sums[key] = count + 1, total + size
    if sums:
        rows = [(*key, *amounts) for key, amounts in sorted(sums.items())]
        await tenant.execute(ADD_HOURS, *rows_as_columns(rows))
        days: list[tuple[int, date]] = sorted({(team_id, hour.date()) for hour, team_id, *_ in sums})
        await tenant.execute(INVALIDATE_DAYS, *rows_as_columns(days))


def _shares(bulks: Sequence[GatewayRows], new: dict[bytes, _Request]) -> list[Added]:
    left = set(new)
    shares = []
    for bulk in bulks:
        mine = left.intersection(row.event.event_id for row in bulk.rows)
        left -= mine
        measured = sum(new[event_id].row.has_tokens for event_id in mine)
        shares.append(Added(measured, len(mine) - measured))
    return shares
