"""Team-days to settle: marked when windows or facts change, claimed, completed, or tried again later."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from schema.database import Connection
from schema.stale_days import lock_settlements, mark_stale, mark_stale_by_evidence
from schema.tokens import TokenCounts

__all__ = [
    "TeamDay",
    "back_off",
    "claim",
    "complete",
    "mark_days",
    "mark_stale",
    "mark_stale_by_evidence",
]

_MARK_DAYS = """
INSERT INTO settlement (organization_id, team_id, day)
SELECT $1, team_id, day FROM unnest($2::bigint[], $3::date[]) AS touched (team_id, day)
    ON CONFLICT (organization_id, team_id, day)
    DO UPDATE SET state = 'waiting', attempts = 0, next_attempt_at = now(), failure = NULL
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


async def mark_days(connection: Connection, organization_id: int, days: Collection[TeamDay]) -> None:
    """Have exactly these team-days settled, for the first time or again; last in the transaction that folds."""
    await lock_settlements(connection, organization_id)
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
