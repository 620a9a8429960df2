"""Forgetting what was only needed for a while: delivery bodies, folded token events, sessions, sign-in links."""

from datetime import UTC, date, datetime, time, timedelta

from schema.database import Connection
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

_EXPIRED_DAYS = """
SELECT DISTINCT team_id, (occurred_at AT TIME ZONE 'UTC')::date AS day FROM token_event
 WHERE organization_id = $1 AND state = 'processed' AND received_at <= $2
"""

# What the door counted must be in windows, be set aside or still wait, kind by kind, before its raw events may go.
_IS_PROVEN = """
SELECT coalesce(sum(input_uncached), 0) = 0 AND coalesce(sum(cache_read), 0) = 0 AND coalesce(sum(cache_write), 0) = 0
       AND coalesce(sum(output_visible), 0) = 0 AND coalesce(sum(output_reasoning), 0) = 0
  FROM (
    SELECT input_uncached, cache_read, cache_write, output_visible, output_reasoning
      FROM intake_total WHERE organization_id = $1 AND team_id = $2 AND day = $3
    UNION ALL
    SELECT -input_uncached, -cache_read, -cache_write, -output_visible, -output_reasoning
      FROM set_aside_total WHERE organization_id = $1 AND team_id = $2 AND day = $3
    UNION ALL
    SELECT -input_uncached, -cache_read, -cache_write, -output_visible, -output_reasoning
      FROM token_window WHERE organization_id = $1 AND team_id = $2 AND hour >= $4 AND hour < $5
    UNION ALL
    SELECT -input_uncached, -cache_read, -cache_write, -output_visible, -output_reasoning
      FROM token_event
     WHERE organization_id = $1 AND team_id = $2 AND occurred_at >= $4 AND occurred_at < $5 AND state <> 'processed'
  ) AS counted
"""

_DELETE_FOLDED = """
DELETE FROM token_event
 WHERE organization_id = $1 AND event_id IN (
       SELECT event_id FROM token_event
        WHERE organization_id = $1 AND state = 'processed' AND received_at <= $2
          AND team_id = $3 AND occurred_at >= $4 AND occurred_at < $5
        LIMIT $6)
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

_DELETE_SESSION_EVIDENCE = """
DELETE FROM session_evidence
 WHERE organization_id = $1 AND evidence_id IN (
       SELECT evidence_id FROM session_evidence AS evidence
        WHERE organization_id = $1 AND state = 'processed' AND received_at <= $2
          AND NOT EXISTS (SELECT FROM token_event
                           WHERE token_event.organization_id = $1 AND token_event.session = evidence.session)
        LIMIT $3)
RETURNING 1
"""


async def find_organizations(connection: Connection) -> list[int]:
    """Every organization; needs an operator's transaction."""
    return [row["organization_id"] for row in await connection.fetch("SELECT organization_id FROM organization")]


async def delete_bodies(connection: Connection, organization_id: int, until: datetime) -> int:
    """Forget bodies of deliveries seen to until then, at most a batch; returns how many."""
    return len(await connection.fetch(_DELETE_BODIES, organization_id, until, BATCH))


async def find_days(connection: Connection, organization_id: int, until: datetime) -> list[tuple[int, date]]:
    """Teams and UTC days with folded events received until then."""
    rows = await connection.fetch(_EXPIRED_DAYS, organization_id, until)
    return [(row["team_id"], row["day"]) for row in rows]


async def is_proven(connection: Connection, organization_id: int, team_id: int, day: date) -> bool:
    """Whether a team-day's windows and waiting events hold exactly what was counted when it arrived."""
    proven: bool = await connection.fetchval(_IS_PROVEN, organization_id, team_id, day, *_hours(day))
    return proven


async def delete_token_events(
    connection: Connection, organization_id: int, until: datetime, team_id: int, day: date
) -> int:
    """Forget one team-day's folded events received until then, at most a batch; returns how many."""
    rows = await connection.fetch(_DELETE_FOLDED, organization_id, until, team_id, *_hours(day), BATCH)
    return len(rows)


def _hours(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight, UTC."""
    start = datetime.combine(day, time(), UTC)
    return start, start + timedelta(days=1)


async def delete_session_evidence(connection: Connection, organization_id: int, until: datetime) -> int:
    """Forget evidence of sessions none of whose events live any longer, at most a batch; returns how many."""
    return len(await connection.fetch(_DELETE_SESSION_EVIDENCE, organization_id, until, BATCH))


async def delete_measurements(connection: Connection, organization_id: int, until: datetime) -> int:
    """Forget which spans and points were told until then, at most a batch; returns how many."""
    return len(await connection.fetch(_DELETE_MEASUREMENTS, organization_id, until, BATCH))


async def delete_idle_series(connection: Connection, organization_id: int, until: datetime) -> int:
    """Forget metric series not told since then, at most a batch; returns how many."""
    return len(await connection.fetch(_DELETE_IDLE_SERIES, organization_id, until, BATCH))


async def are_gateway_bytes_proven(connection: Connection, organization_id: int) -> bool:
    """Whether the sums by hour hold at least what the raw requests of gateways that are still kept tell."""
    proven: bool = await connection.fetchval(_GATEWAY_IS_PROVEN, organization_id, sorted(NOTHING_BILLED))
    return proven


async def delete_gateway_usage(connection: Connection, organization_id: int, until: datetime) -> int:
    """Forget requests of gateways received until then, at most a batch; returns how many."""
    return len(await connection.fetch(_DELETE_GATEWAY_USAGE, organization_id, until, BATCH))


async def delete_sign_in_links(connection: Connection, organization_id: int) -> None:
    """Forget links that no longer open anything."""
    await connection.execute(
        "DELETE FROM sign_in_link WHERE organization_id = $1 AND expires_at < now()", organization_id
    )


async def delete_unfinished_apps(connection: Connection, organization_id: int) -> None:
    """Forget registrations of Apps that came to nothing, a day after they could have; codes and forms go with them."""
    await connection.execute(
        "DELETE FROM github_app WHERE organization_id = $1 AND state IN ('begun', 'failed')"
        " AND expires_at < now() - interval '1 day'",
        organization_id,
    )
