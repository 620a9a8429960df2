"""Gateway usage: requests that report tokens, hourly bytes of those that do not, and days to estimate."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from asyncpg import Record

from schema.database import Tenant, rows_as_columns
from vocabulary.gateway_parts import Part
from vocabulary.gateway_routes import billed_parts
from vocabulary.model_keys import model_key
from workers.gateway_bytes.due import RequestReport
from workers.gateway_bytes.estimate import Bytes, Estimate
from workers.gateway_bytes.precedence import GATEWAY, ReportedElsewhere
from workers.stores.ledger.settlements import TeamDay

_REPORTED = "occurred_at, provider, model, route, stream, request_bytes, response_bytes, input_tokens, output_tokens"

_CLAIM = f"""
UPDATE gateway_usage SET state = 'processed'
 WHERE organization_id = $1 AND event_id IN (
       SELECT event_id FROM gateway_usage WHERE organization_id = $1 AND state = 'waiting'
        LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING {_REPORTED}
"""  # noqa: S608 - fixed column names

# One index lookup per model, however many requests it has.
_REPORTED_MODELS = """
WITH RECURSIVE known AS (
    (SELECT provider, model FROM gateway_usage
      WHERE organization_id = $1 AND input_tokens IS NOT NULL ORDER BY provider, model LIMIT 1)
    UNION ALL
    SELECT following.* FROM known, LATERAL (
        SELECT provider, model FROM gateway_usage
         WHERE organization_id = $1 AND input_tokens IS NOT NULL AND (provider, model) > (known.provider, known.model)
         ORDER BY provider, model LIMIT 1) AS following
)
SELECT provider, model FROM known
"""

_LOAD_REPORTED = f"""
SELECT reported.* FROM unnest($2::text[], $3::text[]) AS wanted (provider, model), LATERAL (
    SELECT {_REPORTED} FROM gateway_usage AS usage
     WHERE organization_id = $1 AND input_tokens IS NOT NULL AND state = 'processed'
       AND usage.provider = wanted.provider AND usage.model = wanted.model
     ORDER BY occurred_at DESC LIMIT $4) AS reported
"""  # noqa: S608 - fixed column names

_TAKE_DAY = """
DELETE FROM stale_gateway_day
 WHERE organization_id = $1
   AND (day, coalesce(team_id, 0)) = (
       SELECT day, coalesce(team_id, 0) FROM stale_gateway_day
        WHERE organization_id = $1 AND noted_at <= now() - $2::interval
        ORDER BY noted_at, note_id LIMIT 1)
RETURNING team_id, day
"""

_HOURS = """
SELECT team_id, hour, provider, model, part, requests, bytes FROM gateway_hour
 WHERE organization_id = $1 AND hour >= $2 AND hour < $3 AND ($4::bigint IS NULL OR team_id = $4)
 ORDER BY team_id, hour, provider, model, part, size_class
"""

_MODELS = "SELECT DISTINCT provider, model, part FROM gateway_hour WHERE organization_id = $1"

_NOTE_DAYS = """
INSERT INTO stale_gateway_day (organization_id, team_id, day)
SELECT DISTINCT $1::bigint, team_id, (hour AT TIME ZONE 'UTC')::date
  FROM gateway_hour
  JOIN unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[]) AS changed (provider, model, part, begins_at)
    ON gateway_hour.provider = changed.provider AND gateway_hour.model = changed.model
   AND gateway_hour.part = changed.part AND gateway_hour.hour > changed.begins_at - interval '1 hour'
 WHERE organization_id = $1
"""

# Tokens derived from sums are better than estimates, too.
_REPORTED_ELSEWHERE = """
SELECT DISTINCT team_id, (hour AT TIME ZONE 'UTC')::date AS day, model, source
  FROM token_window
 WHERE organization_id = $1 AND hour >= $2 AND hour < $3 AND basis <> 'estimated' AND source <> $4
   AND ($5::bigint IS NULL OR team_id = $5)
"""

_ESTIMATED_AND_REPORTED = """
SELECT DISTINCT estimated.team_id, estimated.day, estimated.model AS estimated, reported.model AS reported
  FROM unnest($2::bigint[], $3::date[]) AS touched (team_id, day)
  JOIN gateway_estimate AS estimated
    ON estimated.organization_id = $1 AND estimated.team_id = touched.team_id AND estimated.day = touched.day
   AND estimated.counted_source = ''
  JOIN token_window AS reported
    ON reported.organization_id = $1 AND reported.team_id = touched.team_id
   AND reported.hour >= touched.day::timestamp AT TIME ZONE 'UTC'
   AND reported.hour < (touched.day + 1)::timestamp AT TIME ZONE 'UTC'
   AND reported.basis <> 'estimated' AND reported.source <> $4
"""

_NOTE = """
INSERT INTO stale_gateway_day (organization_id, team_id, day)
SELECT $1::bigint, noted.* FROM unnest($2::bigint[], $3::date[]) AS noted
"""

_FORGET_ESTIMATES = """
DELETE FROM gateway_estimate WHERE organization_id = $1 AND day = $2 AND ($3::bigint IS NULL OR team_id = $3)
"""

_SAVE_ESTIMATES = """
INSERT INTO gateway_estimate (
       organization_id, day, team_id, provider, model, requests, input_tokens, output_tokens, low_tokens, high_tokens,
       unestimated_requests, unestimated_bytes, counted_source)
SELECT $1, $2, estimated.*
  FROM unnest($3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
              $10::bigint[], $11::bigint[], $12::bigint[], $13::text[]) AS estimated
"""


async def claim_reported(tenant: Tenant, limit: int) -> list[RequestReport]:
    """Claim requests that report tokens and are not used for a calibration yet."""
    return _reports(await tenant.fetch(_CLAIM, limit))


async def find_reported_models(tenant: Tenant) -> list[tuple[str, str]]:
    """Return provider and model of all stored requests that report tokens."""
    return [(row["provider"], row["model"]) for row in await tenant.fetch(_REPORTED_MODELS)]


async def load_reported(tenant: Tenant, models: Collection[tuple[str, str]], limit: int) -> list[RequestReport]:
    """Return the latest claimed requests of each model that report tokens."""
    providers, names = rows_as_columns(list(models)) if models else ([], [])
    return _reports(await tenant.fetch(_LOAD_REPORTED, providers, names, limit))


class StaleDay(NamedTuple):
    """A UTC day to estimate, of one team, or of all when None."""

    team_id: int | None
    day: date


async def take_day(tenant: Tenant, pause: timedelta) -> StaleDay | None:
    """Take the day marked first, at least `pause` ago; None when there is none."""
    row = await tenant.fetchrow(_TAKE_DAY, pause)
    return StaleDay(**row) if row else None


async def load_hours(tenant: Tenant, stale: StaleDay) -> dict[int, list[Bytes]]:
    """Return the bytes of a day by team."""
    teams: dict[int, list[Bytes]] = {}
    for row in await tenant.fetch(_HOURS, *day_span(stale.day), stale.team_id):
        hour_bytes = Bytes(
            hour=row["hour"].astimezone(UTC),
            provider=row["provider"],
            model=row["model"],
            part=Part(row["part"]),
            requests=row["requests"],
            size=row["bytes"],
        )
        teams.setdefault(row["team_id"], []).append(hour_bytes)
    return teams


async def load_models(tenant: Tenant) -> list[tuple[str, str, Part]]:
    """Return provider, model and part of everything that reported only bytes."""
    rows = await tenant.fetch(_MODELS)
    return [(row["provider"], row["model"], Part(row["part"])) for row in rows]


async def mark_stale_days(tenant: Tenant, changed: Iterable[tuple[str, str, Part, datetime]]) -> None:
    """Mark days that hold bytes of these providers, models and parts from an instant on."""
    if rows := list(changed):
        await tenant.execute(_NOTE_DAYS, *rows_as_columns(rows))


async def load_reported_elsewhere(tenant: Tenant, stale: StaleDay) -> list[ReportedElsewhere]:
    """Return the models of a day that sources other than gateways report."""
    rows = await tenant.fetch(_REPORTED_ELSEWHERE, *day_span(stale.day), GATEWAY, stale.team_id)
    return [ReportedElsewhere(**row) for row in rows]


async def mark_reported_elsewhere(tenant: Tenant, changed: Collection[TeamDay]) -> None:
    """Mark team-days where a source other than gateways now reports a model that was estimated."""
    team_days = [day.team_id for day in changed], [day.day for day in changed]
    rows = await tenant.fetch(_ESTIMATED_AND_REPORTED, *team_days, GATEWAY)
    same = {(row["team_id"], row["day"]) for row in rows if model_key(row["estimated"]) == model_key(row["reported"])}
    if same:
        await tenant.execute(_NOTE, *rows_as_columns(sorted(same)))


async def save_estimates(tenant: Tenant, stale: StaleDay, estimates: Mapping[tuple[int, str, str], Estimate]) -> None:
    """Replace the estimates of a day, by team, provider and model."""
    await tenant.execute(_FORGET_ESTIMATES, stale.day, stale.team_id)
    rows = [
        (
            *key,
            *(each.requests, each.input_tokens, each.output_tokens, each.low, each.high),
            *(each.unestimated_requests, each.unestimated_bytes, each.counted_source),
        )
        for key, each in sorted(estimates.items())
    ]
    if rows:
        await tenant.execute(_SAVE_ESTIMATES, stale.day, *rows_as_columns(rows))


def day_span(day: date) -> tuple[datetime, datetime]:
    """Return a UTC day from midnight to midnight."""
    start = datetime.combine(day, time(), UTC)
    return start, start + timedelta(days=1)


def _reports(rows: Sequence[Record]) -> list[RequestReport]:
    return [
        RequestReport(
            at=row["occurred_at"],
            provider=row["provider"],
            model=row["model"],
            part=part,
            size=row["request_bytes"] if part is Part.INPUT else row["response_bytes"],
            tokens=row["input_tokens"] if part is Part.INPUT else row["output_tokens"],
        )
        for row in rows
        for part in billed_parts(row["route"], stream=row["stream"])
    ]
