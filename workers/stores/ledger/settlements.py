"""Team-days to settle: marked when windows or facts change, claimed, completed, or tried again later."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from schema.database import Tenant, rows_as_columns
from schema.invalidate_days import (
    invalidate_refits,
    lock_settlements,
    share_settlements,
)
from workers.attribution.ledger import Ledger

__all__ = [
    "Claim",
    "TeamDay",
    "back_off",
    "claim",
    "claim_day",
    "complete",
    "mark_days",
]

# Days this far apart share few rates, so that settling them together would only take more memory.
TOGETHER = timedelta(days=45)

_MARK_DAYS = """
INSERT INTO settlement (organization_id, team_id, day)
SELECT $1, team_id, day FROM unnest($2::bigint[], $3::date[]) AS touched (team_id, day)
    ON CONFLICT (organization_id, team_id, day)
    DO UPDATE SET state = 'waiting', refit = false, attempts = 0, next_attempt_at = now(), failure = NULL
"""

# What was touched comes before what is only to be fitted again, and that not at once after it was settled.
_CLAIM = """
SELECT team_id, day, method FROM settlement
 WHERE organization_id = $1 AND state = 'waiting' AND next_attempt_at <= now()
   AND (NOT refit OR settled_at <= now() - $2::interval)
 ORDER BY refit, next_attempt_at, team_id, day
 LIMIT 1 FOR UPDATE SKIP LOCKED
"""

# Days of one team that are read together anyway; by one method, since a row names the one that made it.
_CLAIM_NEAR = """
SELECT day FROM settlement
 WHERE organization_id = $1 AND state = 'waiting' AND next_attempt_at <= now()
   AND (NOT refit OR settled_at <= now() - $2::interval)
   AND team_id = $3 AND method IS NOT DISTINCT FROM $4 AND day BETWEEN $5 AND $6
 ORDER BY day
   FOR UPDATE SKIP LOCKED
"""

_CLAIM_DAY = """
SELECT method FROM settlement
 WHERE organization_id = $1 AND team_id = $2 AND day = $3 AND state = 'waiting' AND next_attempt_at <= now()
   FOR UPDATE SKIP LOCKED
"""

_COMPLETE = """
UPDATE settlement
   SET state = 'processed', refit = false, settled_at = now(), method = $3, attempts = 0, failure = NULL,
       depends_from = settled.depends_from, depends_to = settled.depends_to,
       input_uncached = settled.input_uncached, cache_read = settled.cache_read, cache_write = settled.cache_write,
       output_visible = settled.output_visible, output_reasoning = settled.output_reasoning,
       cost_nano_usd = settled.cost_nano_usd
  FROM unnest($4::date[], $5::date[], $6::date[],
              $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[])
    AS settled (day, depends_from, depends_to,
                input_uncached, cache_read, cache_write, output_visible, output_reasoning, cost_nano_usd)
 WHERE organization_id = $1 AND team_id = $2 AND settlement.day = settled.day
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


@dataclass(frozen=True, slots=True)
class Claim:
    """Days of one team to settle together, and the name of the method that settled them before, if any."""

    team_id: int
    days: tuple[date, ...]
    method: str | None


async def mark_days(tenant: Tenant, days: Collection[TeamDay]) -> None:
    """Have exactly these team-days settled, for the first time or again; last in the transaction that folds."""
    await lock_settlements(tenant)
    await tenant.execute(_MARK_DAYS, [day.team_id for day in days], [day.day for day in days])
    await invalidate_refits(tenant, [(day.team_id, day.day) for day in days])


async def claim(tenant: Tenant, refit_pause: timedelta) -> Claim | None:
    """Stale days of a team that no other worker holds, locked until the transaction ends.

    Days that are only to be fitted again wait until `refit_pause` after they were settled.
    """
    await share_settlements(tenant)
    row = await tenant.fetchrow(_CLAIM, refit_pause)
    if row is None:
        return None
    team_id, day, method = row
    near = (team_id, method, day - TOGETHER, day + TOGETHER)
    days = await tenant.fetch(_CLAIM_NEAR, refit_pause, *near)
    return Claim(team_id, tuple(near_row["day"] for near_row in days), method)


async def claim_day(tenant: Tenant, team_day: TeamDay) -> Claim | None:
    """That stale day alone, if it still is stale and no other worker holds it."""
    await share_settlements(tenant)
    row = await tenant.fetchrow(_CLAIM_DAY, team_day.team_id, team_day.day)
    return None if row is None else Claim(team_day.team_id, (team_day.day,), row["method"])


async def complete(tenant: Tenant, team_id: int, ledger: Ledger) -> None:
    """Keep the totals that were settled, and what they depend on.

    The ledger shows as pending what windows hold beyond these totals.
    """
    rows = [
        (day, *(ledger.depends_on.get(day) or (None, None)), *total.tokens, total.cost_nano_usd)
        for day, total in ledger.totals.items()
    ]
    await tenant.execute(_COMPLETE, team_id, ledger.method, *rows_as_columns(rows))


async def back_off(tenant: Tenant, team_day: TeamDay, *, failure: str, retry_limit: int, retry_base: timedelta) -> None:
    """Try again later, or never again once the limit is reached; `failure` is the type of the error."""
    await tenant.execute(_BACK_OFF, team_day.team_id, team_day.day, failure, retry_limit, retry_base)
