"""Which team-days must be settled again, and the totals that were settled.

Marking takes a lock an organization that lasts until commit. Without it a fold that makes a team-day's first row and a
delivery that changes its pull requests could each miss the other, and that day would stay settled on old facts.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from schema.database import Connection
from schema.tokens import TokenCounts

# Activity weighs on hours up to a day away, so a fact of one day also touches the days beside it.
REACH = timedelta(days=1)

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('settlement', $1::bigint))"

# Rows already waiting are marked too: one may be held by a settlement that read the facts before they changed.
_MARK_SPAN = """
UPDATE settlement SET state = 'waiting', attempts = 0, next_attempt_at = now(), failure = NULL
 WHERE organization_id = $1 AND day BETWEEN $2 AND $3 AND ($4::bigint[] IS NULL OR team_id = ANY($4))
RETURNING 1
"""

_MARK_BY_EVIDENCE = """
WITH touched AS (
    SELECT team_id, hour FROM token_window WHERE organization_id = $1 AND commit = ANY($2::bytea[])
    UNION
    SELECT team_id, hour FROM token_window WHERE organization_id = $1 AND branch = ANY($3::bytea[])
    UNION
    SELECT team_id, hour FROM token_window WHERE organization_id = $1 AND number = ANY($4::bytea[])
    UNION
    SELECT team_id, hour FROM token_window WHERE organization_id = $1 AND artifact = ANY($5::bytea[])
)
UPDATE settlement SET state = 'waiting', attempts = 0, next_attempt_at = now(), failure = NULL
 WHERE organization_id = $1
   AND (team_id, day) IN (SELECT team_id, (hour AT TIME ZONE 'UTC')::date FROM touched)
RETURNING 1
"""

_MARK_DAYS = """
INSERT INTO settlement (organization_id, team_id, day)
SELECT $1, team_id, day FROM unnest($2::bigint[], $3::date[]) AS touched (team_id, day)
    ON CONFLICT (organization_id, team_id, day) DO UPDATE SET state = 'waiting', attempts = 0, next_attempt_at = now(), failure = NULL
"""

_CLAIM = """
SELECT team_id, day FROM settlement
 WHERE organization_id = $1 AND state = 'waiting' AND next_attempt_at <= now()
 ORDER BY next_attempt_at, team_id, day
 LIMIT 1 FOR UPDATE SKIP LOCKED
"""

_COMPLETE = """
UPDATE settlement
   SET state = 'processed', settled_at = now(), method = $4, attempts = 0, failure = NULL,
       input_uncached = $5, cache_read = $6, cache_write = $7, output_visible = $8, output_reasoning = $9,
       cost_nano_usd = $10
 WHERE organization_id = $1 AND team_id = $2 AND day = $3
"""

_BACK_OFF = """
UPDATE settlement
   SET attempts = attempts + 1, failure = $4,
       state = CASE WHEN attempts + 1 >= $5 THEN 'dead' ELSE 'waiting' END,
       next_attempt_at = now() + $6::interval * power(2, attempts) * (0.75 + random() / 2)
 WHERE organization_id = $1 AND team_id = $2 AND day = $3 AND state = 'waiting'
"""


@dataclass(frozen=True, slots=True)
class TeamDay:
    """One team and one UTC day."""

    team_id: int
    day: date


async def mark_stale(
    connection: Connection,
    organization_id: int,
    *,
    from_day: date,
    to_day: date,
    team_ids: Collection[int] | None = None,
) -> bool:
    """Have every team-day with windows settled again from the first to the last UTC day that changed facts touch.

    The days that activity reaches on either side are added here. `team_ids` of None means every team. Call it last in
    the transaction that changes the facts; True when there is something to settle.
    """
    await connection.execute(_LOCK, organization_id)
    marked = await connection.fetch(
        _MARK_SPAN, organization_id, from_day - REACH, to_day + REACH, None if team_ids is None else sorted(team_ids)
    )
    return bool(marked)


async def mark_stale_by_evidence(
    connection: Connection,
    organization_id: int,
    *,
    commits: Collection[bytes] = (),
    branches: Collection[bytes] = (),
    numbers: Collection[bytes] = (),
    artifacts: Collection[bytes] = (),
) -> bool:
    """Have every team-day settled again that has windows with any of these hashes as evidence.

    Call it last in the transaction that makes the hashes known; True when there is something to settle.
    """
    await connection.execute(_LOCK, organization_id)
    marked = await connection.fetch(
        _MARK_BY_EVIDENCE, organization_id, list(commits), list(branches), list(numbers), list(artifacts)
    )
    return bool(marked)


async def mark_days(connection: Connection, organization_id: int, days: Collection[TeamDay]) -> None:
    """Have exactly these team-days settled, for the first time or again; last in the transaction that folds."""
    await connection.execute(_LOCK, organization_id)
    await connection.execute(_MARK_DAYS, organization_id, [day.team_id for day in days], [day.day for day in days])


async def claim(connection: Connection, organization_id: int) -> TeamDay | None:
    """One stale team-day that no other worker holds, locked until the transaction ends."""
    row = await connection.fetchrow(_CLAIM, organization_id)
    return None if row is None else TeamDay(row["team_id"], row["day"])


async def complete(
    connection: Connection,
    organization_id: int,
    team_day: TeamDay,
    *,
    tokens: TokenCounts,
    cost_nano_usd: int,
    method: str,
) -> None:
    """Keep the totals that were settled; the ledger shows as pending what windows hold beyond them."""
    await connection.execute(_COMPLETE, organization_id, team_day.team_id, team_day.day, method, *tokens, cost_nano_usd)


async def back_off(
    connection: Connection,
    organization_id: int,
    team_day: TeamDay,
    *,
    failure: str,
    retry_limit: int,
    retry_base: timedelta,
) -> None:
    """Try again later, or never again once the limit is reached; `failure` is the type of the error."""
    await connection.execute(
        _BACK_OFF, organization_id, team_day.team_id, team_day.day, failure, retry_limit, retry_base
    )
