"""Marks team-days as stale when facts about pull requests change.

Invalidating takes an organization's lock until commit. Without it, a fold that creates a team-day's first row and a
change of its pull requests could miss each other, and the day would stay settled on old facts. Settlements share the
lock, so that none runs on facts already read while days are invalidated.

A day whose tokens were split by fitted rates depends on the days around it, which are marked as refits.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta

from schema.database import Tenant, rows_as_columns

# Activity affects hours up to a day away, so a fact of one day also affects the days beside it.
REACH = timedelta(days=1)
# An open pull request without activity still draws tokens for this long, so a change reaches as far ahead.
AWAKE = timedelta(days=30)
# The ledger of a day depends on days that are at most this far away; the bound lets PostgreSQL find them by their key.
DEPENDS_WITHIN_DAYS = 60
FIRST_DAY = date(1, 2, 1)
LAST_DAY = date(9999, 11, 30)

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('settlement', $1::bigint))"
_LOCK_FOLDING = "SELECT pg_advisory_xact_lock(hashtextextended('fold_token_events', $1::bigint))"

_LOCK_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended('settlement', $1::bigint))"

_MARK_SPAN = """
UPDATE settlement SET state = 'waiting', refit = false, attempts = 0, next_attempt_at = now(), failure = NULL
 WHERE organization_id = $1 AND day BETWEEN $2 AND $3 AND ($4::bigint[] IS NULL OR team_id = ANY($4))
RETURNING 1
"""

_MARK_REFITS_OF_SPAN = f"""
UPDATE settlement SET state = 'waiting', refit = true, attempts = 0, next_attempt_at = now()
 WHERE organization_id = $1 AND state = 'processed' AND depends_from <= $3 AND depends_to >= $2
   AND day BETWEEN $2 - {DEPENDS_WITHIN_DAYS} AND $3 + {DEPENDS_WITHIN_DAYS}
   AND ($4::bigint[] IS NULL OR team_id = ANY($4))
RETURNING 1
"""  # noqa: S608 - composed of constants

_MARK_SPANS = """
UPDATE settlement SET state = 'waiting', refit = false, attempts = 0, next_attempt_at = now(), failure = NULL
  FROM unnest($2::bigint[], $3::date[], $4::date[]) AS touched (team_id, first, last)
 WHERE settlement.organization_id = $1 AND settlement.team_id = touched.team_id
   AND settlement.day BETWEEN touched.first AND touched.last
RETURNING 1
"""

# Bounds are computed first, like the days below.
_MARK_REFITS_OF_SPANS = f"""
WITH touched AS MATERIALIZED (
    SELECT *, first - {DEPENDS_WITHIN_DAYS} AS earliest, last + {DEPENDS_WITHIN_DAYS} AS latest
      FROM unnest($2::bigint[], $3::date[], $4::date[]) AS given (team_id, first, last)
)
UPDATE settlement SET state = 'waiting', refit = true, attempts = 0, next_attempt_at = now()
  FROM touched
 WHERE settlement.organization_id = $1 AND settlement.state = 'processed' AND settlement.team_id = touched.team_id
   AND settlement.depends_from <= touched.last AND settlement.depends_to >= touched.first
   AND settlement.day BETWEEN touched.earliest AND touched.latest
RETURNING 1
"""  # noqa: S608 - composed of constants

_MARK_REFITS_OF_DAYS = f"""
WITH touched AS MATERIALIZED (
    SELECT DISTINCT team_id, day, day - {DEPENDS_WITHIN_DAYS} AS earliest, day + {DEPENDS_WITHIN_DAYS} AS latest
      FROM unnest($2::bigint[], $3::date[]) AS given (team_id, day)
)
UPDATE settlement SET state = 'waiting', refit = true, attempts = 0, next_attempt_at = now()
  FROM touched
 WHERE settlement.organization_id = $1 AND settlement.state = 'processed' AND settlement.team_id = touched.team_id
   AND touched.day BETWEEN settlement.depends_from AND settlement.depends_to
   AND settlement.day BETWEEN touched.earliest AND touched.latest
RETURNING 1
"""  # noqa: S608 - composed of constants

# The days are computed first: row-level security keeps an expression from being searched by key.
_MARK_BY_EVIDENCE = """
WITH touched AS (
    SELECT team_id, hour FROM token_window WHERE organization_id = $1 AND commit = ANY($2::bytea[])
    UNION
    SELECT team_id, hour FROM abbreviated_commit AS known
      JOIN token_window ON token_window.organization_id = $1 AND token_window.commit = known.abbreviation
     WHERE known.organization_id = $1 AND known.commit = ANY($2::bytea[])
    UNION
    SELECT team_id, hour FROM token_window WHERE organization_id = $1 AND branch = ANY($3::bytea[])
    UNION
    SELECT team_id, hour FROM token_window WHERE organization_id = $1 AND number = ANY($4::bytea[])
    UNION
    SELECT team_id, hour FROM token_window WHERE organization_id = $1 AND artifact = ANY($5::bytea[])
    UNION
    SELECT team_id, hour FROM token_window
     WHERE organization_id = $1 AND cardinality($6::bytea[]) > 0 AND repository = ANY($6::bytea[])
), team_day AS MATERIALIZED (
    SELECT DISTINCT team_id, (hour AT TIME ZONE 'UTC')::date AS day FROM touched
)
UPDATE settlement SET state = 'waiting', refit = false, attempts = 0, next_attempt_at = now(), failure = NULL
  FROM team_day
 WHERE settlement.organization_id = $1 AND settlement.team_id = team_day.team_id AND settlement.day = team_day.day
RETURNING settlement.team_id, settlement.day
"""


def affected_days(begins: datetime, ends: datetime) -> tuple[date, date]:
    """Return the first and last UTC day affected by facts about a pull request between two instants."""
    last = min(ends.astimezone(UTC).date(), LAST_DAY - AWAKE) + AWAKE
    return max(begins.astimezone(UTC).date(), FIRST_DAY), last


async def lock_folding(tenant: Tenant) -> None:
    """Lock out folds of the organization's token events until the transaction ends; call before `lock_settlements`."""
    await tenant.execute(_LOCK_FOLDING)


async def lock_settlements(tenant: Tenant) -> None:
    """Lock out marking and settling of the organization's team-days until the transaction ends."""
    await tenant.execute(_LOCK)


async def share_settlements(tenant: Tenant) -> None:
    """Allow other settlements of the organization, but no marking, until the transaction ends."""
    await tenant.execute(_LOCK_SHARED)


async def invalidate_days(
    tenant: Tenant, *, from_day: date, to_day: date, team_ids: Collection[int] | None = None
) -> bool:
    """Mark every team-day with windows as stale from the first to the last UTC day affected by changed facts.

    The days that activity reaches on either side are added here. `team_ids` None means every team. Returns whether
    there is something to settle.
    """
    await lock_settlements(tenant)
    span = (from_day - REACH, to_day + REACH, None if team_ids is None else sorted(team_ids))
    marked = await tenant.fetch(_MARK_SPAN, *span)
    refits = await tenant.fetch(_MARK_REFITS_OF_SPAN, *span)
    return bool(marked or refits)


async def invalidate_spans(tenant: Tenant, spans: Mapping[int, Collection[tuple[date, date]]]) -> bool:
    """Mark many spans, from first to last day, each of one team; see `invalidate_days`."""
    rows: list[tuple[object, ...]] = [
        (team_id, first - REACH, last + REACH) for team_id in sorted(spans) for first, last in spans[team_id]
    ]
    if not rows:
        return False
    await lock_settlements(tenant)
    columns = rows_as_columns(rows)
    marked = await tenant.fetch(_MARK_SPANS, *columns)
    refits = await tenant.fetch(_MARK_REFITS_OF_SPANS, *columns)
    return bool(marked or refits)


async def invalidate_by_evidence(
    tenant: Tenant,
    *,
    commits: Collection[bytes] = (),
    branches: Collection[bytes] = (),
    numbers: Collection[bytes] = (),
    artifacts: Collection[bytes] = (),
    repositories: Collection[bytes] = (),
) -> bool:
    """Mark every team-day as stale that has windows with any of these hashes as evidence.

    Returns whether there is something to settle.
    """
    await lock_settlements(tenant)
    hashes = [list(each) for each in (commits, branches, numbers, artifacts, repositories)]
    marked = await tenant.fetch(_MARK_BY_EVIDENCE, *hashes)
    await invalidate_refits(tenant, [(row["team_id"], row["day"]) for row in marked])
    return bool(marked)


async def invalidate_refits(tenant: Tenant, team_days: Collection[tuple[int, date]]) -> None:
    """Mark days for a refit that depend on windows of these team-days; call after `lock_settlements`."""
    if team_days:
        teams, days = zip(*team_days, strict=True)
        await tenant.fetch(_MARK_REFITS_OF_DAYS, teams, days)
