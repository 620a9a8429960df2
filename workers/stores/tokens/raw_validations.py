"""Compares raw token events with what was derived from them, and keeps the result longer than the events.

For each UTC day and source, events and tokens that arrived must equal those in windows plus those superseded. Events of
the day that were deleted earlier count by their own records, so no event must be kept for the comparison.
"""

from datetime import date

from schema.database import Connection, Tenant
from vocabulary.tokens import TOKEN_KINDS
from workers.stores.tokens.raw_partitions import span

_COLUMNS = ("requests", *TOKEN_KINDS)
_KINDS = ", ".join(TOKEN_KINDS)
_EVENT_SUMS = ", ".join(f"coalesce(sum({kind}) FILTER (WHERE is_counted), 0)::bigint AS {kind}" for kind in TOKEN_KINDS)

# A withdrawal takes back a request, so it counts as minus one.
_REQUEST = f"CASE WHEN {' + '.join(TOKEN_KINDS)} < 0 THEN -1 ELSE 1 END"

_IS_COUNTED = """
batch_id <> ALL(ARRAY(SELECT batch_id FROM intake_batch WHERE organization_id = $1 AND state <> 'processed'))
"""

_RECORD = f"""
WITH arrived AS (
    SELECT day, source, coalesce(sum({_REQUEST}) FILTER (WHERE is_counted), 0) AS requests, {_EVENT_SUMS},
           count(*) FILTER (WHERE NOT is_counted) AS uncounted_requests
      FROM (SELECT *, (occurred_at AT TIME ZONE 'UTC')::date AS day, {_IS_COUNTED} AS is_counted FROM token_event
             WHERE organization_id = $1 AND received_at >= $3 AND received_at < $4) AS event
     GROUP BY day, source
), range AS (
    SELECT min(day)::timestamp AT TIME ZONE 'UTC' AS begins, (max(day) + 1)::timestamp AT TIME ZONE 'UTC' AS ends
      FROM arrived
), entry AS (
    SELECT (occurred_at AT TIME ZONE 'UTC')::date AS day, source, true AS is_raw, {_REQUEST} AS requests, {_KINDS}
      FROM token_event WHERE organization_id = $1 AND {_IS_COUNTED}
       AND occurred_at >= (SELECT begins FROM range) AND occurred_at < (SELECT ends FROM range)
     UNION ALL
    SELECT day, source, true, requests, {_KINDS} FROM raw_validation
     WHERE organization_id = $1 AND deleted_at IS NOT NULL
     UNION ALL
    SELECT (hour AT TIME ZONE 'UTC')::date, source, false, requests, {_KINDS} FROM token_window
     WHERE organization_id = $1 AND basis = 'measured'
       AND hour >= (SELECT begins FROM range) AND hour < (SELECT ends FROM range)
     UNION ALL
    SELECT day, source, false, requests, {_KINDS} FROM superseded_total WHERE organization_id = $1
), compared AS (
    SELECT day, source,
           {", ".join(f"coalesce(sum({name}) FILTER (WHERE is_raw), 0)::bigint AS raw_{name}" for name in _COLUMNS)},
           {", ".join(f"coalesce(sum({name}) FILTER (WHERE NOT is_raw), 0)::bigint AS {name}" for name in _COLUMNS)}
      FROM entry GROUP BY day, source
)
INSERT INTO raw_validation (
       organization_id, received_on, day, source, {", ".join(_COLUMNS)}, uncounted_requests,
       {", ".join(f"received_{name}" for name in _COLUMNS)}, {", ".join(f"derived_{name}" for name in _COLUMNS)})
SELECT $1, $2, day, source, {", ".join(f"arrived.{name}" for name in _COLUMNS)}, uncounted_requests,
       {", ".join(f"coalesce(raw_{name}, 0)" for name in _COLUMNS)},
       {", ".join(f"coalesce(compared.{name}, 0)" for name in _COLUMNS)}
  FROM arrived LEFT JOIN compared USING (day, source)
    ON CONFLICT (organization_id, received_on, day, source) DO UPDATE SET
       {", ".join(f"{name} = excluded.{name}" for name in (*_COLUMNS, "uncounted_requests"))},
       {", ".join(f"received_{name} = excluded.received_{name}" for name in _COLUMNS)},
       {", ".join(f"derived_{name} = excluded.derived_{name}" for name in _COLUMNS)}, validated_at = now()
RETURNING uncounted_requests > 0 AS is_open,
          ({", ".join(f"received_{name}" for name in _COLUMNS)})
          IS DISTINCT FROM ({", ".join(f"derived_{name}" for name in _COLUMNS)}) AS differs
"""  # noqa: S608 - fixed names

# Needs the folding lock: events given up can no longer be folded.
_GIVE_UP = f"""
WITH given_up AS (
    SELECT team_id, (occurred_at AT TIME ZONE 'UTC')::date AS day, sum({_REQUEST}) AS requests,
           {", ".join(f"sum({kind}) AS {kind}" for kind in TOKEN_KINDS)}
      FROM token_event
     WHERE organization_id = $1 AND received_at >= $2 AND received_at < $3 AND NOT {_IS_COUNTED}
     GROUP BY 1, 2
)
UPDATE intake_total AS total SET {", ".join(f"{name} = total.{name} - given_up.{name}" for name in _COLUMNS)}
  FROM given_up
 WHERE total.organization_id = $1 AND total.team_id = given_up.team_id AND total.day = given_up.day
"""  # noqa: S608 - fixed names

_OPEN = """
SELECT DISTINCT organization_id FROM intake_batch
 WHERE received_at >= $1 AND received_at < $2 AND state <> 'processed'
"""

_CLOSE = """
UPDATE raw_validation SET deleted_at = now() WHERE organization_id = $1 AND received_on = $2 AND deleted_at IS NULL
"""
_DELETE_BATCHES = """
DELETE FROM intake_batch WHERE organization_id = $1 AND received_at >= $2 AND received_at < $3
"""

SECONDS = 600.0


async def validate(tenant: Tenant, received_on: date) -> tuple[bool, bool]:
    """Compare and record a day; return whether all its events are folded, and whether the sums differ."""
    rows = await tenant.connection.fetch(
        _RECORD, tenant.organization_id, received_on, *span(received_on), timeout=SECONDS
    )
    return not any(row["is_open"] for row in rows), any(row["differs"] for row in rows)


async def organizations(connection: Connection, received_on: date) -> list[int]:
    """Return organizations that received token events; needs a sweep."""
    rows = await connection.fetch(
        "SELECT DISTINCT organization_id FROM intake_batch WHERE received_at >= $1 AND received_at < $2",
        *span(received_on),
    )
    return [row["organization_id"] for row in rows]


async def open_organizations(connection: Connection, received_on: date) -> list[int]:
    """Return organizations with events of the day that are not folded; needs a sweep."""
    return [row["organization_id"] for row in await connection.fetch(_OPEN, *span(received_on))]


async def give_up(tenant: Tenant, received_on: date) -> None:
    """Subtract events that could not be folded from the intake totals; only their record remains."""
    await tenant.execute(_GIVE_UP, *span(received_on))


async def close(tenant: Tenant, received_on: date) -> None:
    """Record that a day's events are deleted, with their batches."""
    await tenant.execute(_CLOSE, received_on)
    await tenant.execute(_DELETE_BATCHES, *span(received_on))
