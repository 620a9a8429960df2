"""Deletes rows after their retention: delivery bodies, session evidence, superseded events, sign-in links."""

from datetime import datetime

from schema.database import Connection, Tenant
from vocabulary.gateway_routes import NOTHING_BILLED

BATCH = 5_000

# A dead letter keeps its body for the same time after its last attempt, so that it can be replayed.
_DELETE_BODIES = """
UPDATE delivery SET sealed_body = NULL
 WHERE organization_id = $1 AND delivery_id IN (
       SELECT delivery_id FROM delivery
        WHERE organization_id = $1 AND sealed_body IS NOT NULL
          AND (processed_at <= $2 OR (state = 'dead' AND next_attempt_at <= $2))
        LIMIT $3)
RETURNING 1
"""

# A dead letter keeps its sealed name as long as a body, for replay; other rows lose it when they complete.
_DELETE_NAMES = """
UPDATE {table} SET sealed_name = NULL
 WHERE organization_id = $1 AND state = 'dead' AND sealed_name IS NOT NULL AND next_attempt_at <= $2
"""
_WITH_NAMES = ("backfill_step", "enrichment")

# Superseded events are remembered as long as the event exists.
_DELETE_SUPERSEDED = """
DELETE FROM superseded_event
 WHERE organization_id = $1 AND event_id IN (
       SELECT event_id FROM superseded_event AS aside
        WHERE organization_id = $1 AND superseded_at <= $2
          AND NOT EXISTS (SELECT FROM token_event
                           WHERE token_event.organization_id = $1 AND token_event.event_id = aside.event_id)
        LIMIT $3)
RETURNING 1
"""

# Ids of spans and data points, kept as long as the events made from them.
_DELETE_MEASUREMENTS = """
DELETE FROM measurement
 WHERE organization_id = $1 AND measurement_id IN (
       SELECT measurement_id FROM measurement WHERE organization_id = $1 AND seen_at <= $2 LIMIT $3)
RETURNING 1
"""

# Events made from metrics, as long as the oldest existing event.
_DELETE_METRIC_EVENTS = """
DELETE FROM metric_event
 WHERE organization_id = $1 AND event_id IN (
       SELECT event_id FROM metric_event WHERE organization_id = $1 AND received_at < $2 LIMIT $3)
RETURNING 1
"""

_DELETE_IDLE_SERIES = """
DELETE FROM metric_series
 WHERE organization_id = $1 AND series_id IN (
       SELECT series_id FROM metric_series WHERE organization_id = $1 AND seen_at <= $2 LIMIT $3)
RETURNING 1
"""

_DELETE_IDLE_GROUPS = """
DELETE FROM metric_group
 WHERE organization_id = $1 AND group_id IN (
       SELECT group_id FROM metric_group WHERE organization_id = $1 AND seen_at <= $2 LIMIT $3)
RETURNING 1
"""

# Sums to compare the signals of a service or session with, kept as long as the events that they were compared for.
_DELETE_TALLIES = """
DELETE FROM token_tally
 WHERE organization_id = $1 AND tally_id IN (
       SELECT tally_id FROM token_tally WHERE organization_id = $1 AND seen_at <= $2
        LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING 1
"""

_DELETE_REPORTED_REQUESTS = """
DELETE FROM reported_request
 WHERE organization_id = $1 AND report_id IN (
       SELECT report_id FROM reported_request WHERE organization_id = $1 AND seen_at <= $2 LIMIT $3)
RETURNING 1
"""

_DELETE_UNNAMED_REQUESTS = """
DELETE FROM unnamed_request
 WHERE organization_id = $1 AND (source, input, output, half_hour) IN (
       SELECT source, input, output, half_hour FROM unnamed_request
        WHERE organization_id = $1 AND seen_at <= $2 LIMIT $3)
RETURNING 1
"""
_DELETE_METERED_HOURS = """
DELETE FROM metered_hour
 WHERE organization_id = $1 AND (team_id, source, hour, model, reporter) IN (
       SELECT team_id, source, hour, model, reporter FROM metered_hour
        WHERE organization_id = $1 AND seen_at <= $2 LIMIT $3)
RETURNING 1
"""

# Bytes are summed in the transaction that stores the rows, so no team-day may exceed its sums.
_GATEWAY_IS_PROVEN = """
SELECT NOT EXISTS (
    SELECT FROM (
        SELECT team_id, (occurred_at AT TIME ZONE 'UTC')::date AS day, sum(request_bytes) AS bytes
          FROM gateway_usage
         WHERE organization_id = $1 AND input_tokens IS NULL AND route <> ALL($2::text[])
         GROUP BY 1, 2) AS raw
      LEFT JOIN (
        SELECT team_id, (hour AT TIME ZONE 'UTC')::date AS day, sum(bytes) AS bytes
          FROM gateway_hour WHERE organization_id = $1 AND part = 'input'
         GROUP BY 1, 2) AS summed USING (team_id, day)
     WHERE raw.bytes > coalesce(summed.bytes, 0))
"""

_DELETE_GATEWAY_USAGE = """
DELETE FROM gateway_usage
 WHERE organization_id = $1 AND event_id IN (
       SELECT event_id FROM gateway_usage
        WHERE organization_id = $1 AND state = 'processed' AND received_at <= $2
        LIMIT $3)
RETURNING 1
"""

# Kept while an event of the session exists, which it may still link, but no longer than any event.
_DELETE_SESSION_EVIDENCE = """
DELETE FROM session_evidence
 WHERE organization_id = $1 AND evidence_id IN (
       SELECT evidence_id FROM session_evidence AS evidence
        WHERE organization_id = $1 AND (received_at <= $4 OR (state = 'processed' AND received_at <= $2
          AND NOT EXISTS (SELECT FROM token_event
                           WHERE token_event.organization_id = $1 AND token_event.session = evidence.session)))
        LIMIT $3)
RETURNING 1
"""

# Trails of sessions, and prices, whose events all arrived before the oldest existing one.
_DELETE_TRAILS = """
DELETE FROM session_trail
 WHERE organization_id = $1 AND session IN (
       SELECT session FROM session_trail WHERE organization_id = $1 AND received_at < $2 LIMIT $3)
RETURNING 1
"""

_DELETE_PRICES = """
DELETE FROM event_price WHERE organization_id = $1 AND used_at < $2::timestamptz - interval '1 hour'
"""


async def find_organizations(connection: Connection) -> list[int]:
    """Return every organization that is not being erased, by id; needs a sweep."""
    rows = await connection.fetch(
        "SELECT organization_id FROM organization WHERE sealed_key <> '' ORDER BY organization_id"
    )
    return [row["organization_id"] for row in rows]


async def delete_bodies(tenant: Tenant, until: datetime) -> int:
    """Delete bodies of deliveries processed by then, at most a batch; return the number."""
    return len(await tenant.fetch(_DELETE_BODIES, until, BATCH))


async def delete_names(tenant: Tenant, until: datetime) -> None:
    """Delete sealed names of rows given up by then; they can no longer be replayed."""
    for table in _WITH_NAMES:
        await tenant.execute(_DELETE_NAMES.format(table=table), until)


async def delete_session_evidence(tenant: Tenant, until: datetime, at_the_latest: datetime) -> int:
    """Delete evidence of sessions without existing events, at most a batch; return the number."""
    rows = await tenant.fetch(_DELETE_SESSION_EVIDENCE, until, BATCH, at_the_latest)
    return len(rows)


async def delete_trails(tenant: Tenant, before: datetime) -> int:
    """Delete trails of sessions whose last event arrived before then, at most a batch; return the number."""
    return len(await tenant.fetch(_DELETE_TRAILS, before, BATCH))


async def delete_prices(tenant: Tenant, before: datetime) -> None:
    """Delete prices whose events all arrived before then."""
    await tenant.execute(_DELETE_PRICES, before)


async def delete_superseded(tenant: Tenant, until: datetime) -> int:
    """Delete records of events superseded by then that no longer exist, at most a batch; return the number."""
    return len(await tenant.fetch(_DELETE_SUPERSEDED, until, BATCH))


async def delete_metric_events(tenant: Tenant, before: datetime) -> int:
    """Delete ids of metric events received before then, at most a batch; return the number."""
    return len(await tenant.fetch(_DELETE_METRIC_EVENTS, before, BATCH))


async def delete_measurements(tenant: Tenant, until: datetime) -> int:
    """Delete ids of spans and data points seen by then, at most a batch; return the number."""
    return len(await tenant.fetch(_DELETE_MEASUREMENTS, until, BATCH))


async def delete_idle_series(tenant: Tenant, until: datetime) -> int:
    """Delete metric series not seen since then, at most a batch; return the number."""
    return len(await tenant.fetch(_DELETE_IDLE_SERIES, until, BATCH))


async def delete_idle_groups(tenant: Tenant, until: datetime) -> int:
    """Delete groups of metric series that did not grow since then, at most a batch; return the number."""
    return len(await tenant.fetch(_DELETE_IDLE_GROUPS, until, BATCH))


async def delete_tallies(tenant: Tenant, until: datetime) -> int:
    """Delete tallies to which nothing was added since then, at most a batch; return the number."""
    return len(await tenant.fetch(_DELETE_TALLIES, until, BATCH))


async def delete_unnamed_requests(tenant: Tenant, until: datetime) -> int:
    """Delete sizes of requests without an id kept by then, at most a batch; return the number."""
    return len(await tenant.fetch(_DELETE_UNNAMED_REQUESTS, until, BATCH))


async def delete_metered_hours(tenant: Tenant, until: datetime) -> int:
    """Delete hours of metrics and imports that did not change since then, at most a batch; return the number."""
    return len(await tenant.fetch(_DELETE_METERED_HOURS, until, BATCH))


async def delete_reported_requests(tenant: Tenant, until: datetime) -> int:
    """Delete ids of requests reported by then, at most a batch; return the number."""
    return len(await tenant.fetch(_DELETE_REPORTED_REQUESTS, until, BATCH))


async def are_gateway_bytes_proven(tenant: Tenant) -> bool:
    """Return whether hourly sums cover all raw gateway requests that still exist."""
    proven: bool = await tenant.fetchval(_GATEWAY_IS_PROVEN, sorted(NOTHING_BILLED))
    return proven


async def delete_gateway_usage(tenant: Tenant, until: datetime) -> int:
    """Delete gateway requests received by then, at most a batch; return the number."""
    return len(await tenant.fetch(_DELETE_GATEWAY_USAGE, until, BATCH))


async def delete_sign_in_links(tenant: Tenant) -> None:
    """Delete expired sign-in links and sessions, and shared links 90 days after they expire."""
    await tenant.execute("DELETE FROM sign_in_link WHERE organization_id = $1 AND expires_at < now()")
    await tenant.execute("DELETE FROM dashboard_session WHERE organization_id = $1 AND expires_at < now()")
    await tenant.execute(
        "DELETE FROM shared_link WHERE organization_id = $1 AND expires_at < now() - interval '90 days'"
    )


async def delete_unfinished_apps(tenant: Tenant) -> None:
    """Delete unfinished App registrations a day after they expire, with their codes and forms."""
    await tenant.execute(
        "DELETE FROM github_app WHERE organization_id = $1 AND state IN ('started', 'failed')"
        " AND expires_at < now() - interval '1 day'"
    )
