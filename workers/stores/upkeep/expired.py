"""Forgetting what was only needed for a while: delivery bodies, folded token events, sessions, sign-in links."""

from datetime import datetime

from schema.database import Connection, Tenant
from schema.gateway_routes import NOTHING_BILLED

BATCH = 5_000

# A dead letter keeps its body for the same time from its last try on, to be replayed; then it, too, is forgotten.
_DELETE_BODIES = """
UPDATE delivery SET sealed_body = NULL
 WHERE organization_id = $1 AND delivery_id IN (
       SELECT delivery_id FROM delivery
        WHERE organization_id = $1 AND sealed_body IS NOT NULL
          AND (processed_at <= $2 OR (state = 'dead' AND next_attempt_at <= $2))
        LIMIT $3)
RETURNING 1
"""

# A dead letter keeps its sealed name as long as a body, to be replayed; a working row loses it when it ends.
_DELETE_NAMES = """
UPDATE {table} SET sealed_name = NULL
 WHERE organization_id = $1 AND state = 'dead' AND sealed_name IS NOT NULL AND next_attempt_at <= $2
"""
_WITH_NAMES = ("backfill_step", "enrichment")

# That an event was set aside matters for as long as it lives.
_DELETE_SET_ASIDE = """
DELETE FROM superseded_event
 WHERE organization_id = $1 AND event_id IN (
       SELECT event_id FROM superseded_event AS aside
        WHERE organization_id = $1 AND superseded_at <= $2
          AND NOT EXISTS (SELECT FROM token_event
                           WHERE token_event.organization_id = $1 AND token_event.event_id = aside.event_id)
        LIMIT $3)
RETURNING 1
"""

# Ids of spans and points, remembered as long as the events that they made.
_DELETE_MEASUREMENTS = """
DELETE FROM measurement
 WHERE organization_id = $1 AND measurement_id IN (
       SELECT measurement_id FROM measurement WHERE organization_id = $1 AND seen_at <= $2 LIMIT $3)
RETURNING 1
"""

_DELETE_IDLE_SERIES = """
DELETE FROM metric_series
 WHERE organization_id = $1 AND series_id IN (
       SELECT series_id FROM metric_series WHERE organization_id = $1 AND seen_at <= $2 LIMIT $3)
RETURNING 1
"""

# Bytes were summed in the transaction that stored the rows: no team-day may hold more than its sums.
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

# As long as an event of its session lives, which may yet be linked by it, but no longer than any event.
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

# Trails of sessions all of whose events came before the oldest that lives, and prices that only such events had.
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
    """Every organization; needs an operator's transaction."""
    return [row["organization_id"] for row in await connection.fetch("SELECT organization_id FROM organization")]


async def delete_bodies(tenant: Tenant, until: datetime) -> int:
    """Forget bodies of deliveries seen to until then, at most a batch; returns how many."""
    return len(await tenant.fetch(_DELETE_BODIES, until, BATCH))


async def delete_names(tenant: Tenant, until: datetime) -> None:
    """Delete sealed names of rows that were given up until then; they can no longer be replayed."""
    for table in _WITH_NAMES:
        await tenant.execute(_DELETE_NAMES.format(table=table), until)


async def delete_session_evidence(tenant: Tenant, until: datetime, at_the_latest: datetime) -> int:
    """Forget evidence of sessions none of whose events live any longer, at most a batch; returns how many."""
    rows = await tenant.fetch(_DELETE_SESSION_EVIDENCE, until, BATCH, at_the_latest)
    return len(rows)


async def delete_trails(tenant: Tenant, before: datetime) -> int:
    """Forget trails of sessions whose last event came before then, at most a batch; returns how many."""
    return len(await tenant.fetch(_DELETE_TRAILS, before, BATCH))


async def delete_prices(tenant: Tenant, before: datetime) -> None:
    """Forget prices of events that all came before then."""
    await tenant.execute(_DELETE_PRICES, before)


async def delete_superseded(tenant: Tenant, until: datetime) -> int:
    """Forget which events were set aside until then and are gone, at most a batch; returns how many."""
    return len(await tenant.fetch(_DELETE_SET_ASIDE, until, BATCH))


async def delete_measurements(tenant: Tenant, until: datetime) -> int:
    """Forget which spans and points were told until then, at most a batch; returns how many."""
    return len(await tenant.fetch(_DELETE_MEASUREMENTS, until, BATCH))


async def delete_idle_series(tenant: Tenant, until: datetime) -> int:
    """Forget metric series not told since then, at most a batch; returns how many."""
    return len(await tenant.fetch(_DELETE_IDLE_SERIES, until, BATCH))


async def are_gateway_bytes_proven(tenant: Tenant) -> bool:
    """Whether the sums by hour hold at least what the raw requests of gateways that are still kept tell."""
    proven: bool = await tenant.fetchval(_GATEWAY_IS_PROVEN, sorted(NOTHING_BILLED))
    return proven


async def delete_gateway_usage(tenant: Tenant, until: datetime) -> int:
    """Forget requests of gateways received until then, at most a batch; returns how many."""
    return len(await tenant.fetch(_DELETE_GATEWAY_USAGE, until, BATCH))


async def delete_sign_in_links(tenant: Tenant) -> None:
    """Forget links that no longer open anything."""
    await tenant.execute("DELETE FROM sign_in_link WHERE organization_id = $1 AND expires_at < now()")


async def delete_unfinished_apps(tenant: Tenant) -> None:
    """Forget registrations of Apps that came to nothing, a day after they could have; codes and forms go with them."""
    await tenant.execute(
        "DELETE FROM github_app WHERE organization_id = $1 AND state IN ('begun', 'failed')"
        " AND expires_at < now() - interval '1 day'"
    )
