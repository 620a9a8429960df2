"""Team-days to settle: mark, claim, complete, back off."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from schema.database import Tenant
from schema.work_rows import WorkKind
from vocabulary.tokens import TOKEN_KINDS
from workers.attribution.ledger import Ledger
from workers.stores.ledger.invalidate_days import (
    invalidate_refits,
    lock_settlements,
    share_settlements,
)
from workers.work_queue import WAITING, Retry, WorkQueue

__all__ = [
    "Claim",
    "TeamDay",
    "back_off",
    "claim",
    "claim_day",
    "complete",
    "mark_days",
]

# Days this far apart share few rates, so settling them together would only need more memory.
TOGETHER = timedelta(days=45)

_MARK_DAYS = """
INSERT INTO settlement (organization_id, team_id, day)
SELECT $1, team_id, day FROM unnest($2::bigint[], $3::date[]) AS touched (team_id, day)
    ON CONFLICT (organization_id, team_id, day)
    DO UPDATE SET state = 'waiting', refit = false, attempts = 0, next_attempt_at = now(), failure = NULL
"""

# Changed days come before refits, which wait for a while after they were settled.
QUEUE = WorkQueue(
    WorkKind.SETTLEMENT,
    due=f"{WAITING} AND (NOT settlement.refit OR settlement.settled_at <= now() - {{refit_pause}})",
    parameters=("refit_pause",),
    order="refit, next_attempt_at, team_id, day",
)

# Days of one team that are read together anyway; by one method, because a row names its method.
_NEAR = "team_id = $3 AND method IS NOT DISTINCT FROM $4 AND day BETWEEN $5 AND $6"

_SETTLED = {
    "method": "text",
    "depends_from": "date",
    "depends_to": "date",
    **dict.fromkeys((*TOKEN_KINDS, "cost_nano_usd"), "bigint"),
}
_TOTALS = ", ".join(f"{name} = chosen.{name}" for name in _SETTLED)
_COMPLETE = QUEUE.completing(f"state = 'processed', refit = false, settled_at = now(), {_TOTALS}", _SETTLED)


@dataclass(frozen=True, slots=True)
class TeamDay:
    """One team and one UTC day."""

    team_id: int
    day: date


@dataclass(frozen=True, slots=True)
class Claim:
    """Days of one team to settle together, and the method that settled them before, if any."""

    team_id: int
    days: tuple[date, ...]
    method: str | None


async def mark_days(tenant: Tenant, days: Collection[TeamDay]) -> None:
    """Mark exactly these team-days for settlement. Nobody else marks or settles days until the transaction ends."""
    await lock_settlements(tenant)
    await tenant.execute(_MARK_DAYS, [day.team_id for day in days], [day.day for day in days])
    await invalidate_refits(tenant, [(day.team_id, day.day) for day in days])


async def claim(tenant: Tenant, refit_pause: timedelta) -> Claim | None:
    """Claim stale days of one team, locked until the transaction ends.

    Refits wait until `refit_pause` after they were settled.
    """
    await share_settlements(tenant)
    found = await QUEUE.claim(tenant, "team_id, day, method", limit=1, arguments=(refit_pause,))
    if not found:
        return None
    team_id, day, method = found[0]
    near = (refit_pause, team_id, method, day - TOGETHER, day + TOGETHER)
    days = await QUEUE.claim(tenant, "day", limit=None, also=_NEAR, arguments=near)
    return Claim(team_id, tuple(sorted(each["day"] for each in days)), method)


async def claim_day(tenant: Tenant, team_day: TeamDay, refit_pause: timedelta) -> Claim | None:
    """Claim one stale day, if it still is stale and unlocked."""
    await share_settlements(tenant)
    arguments = (refit_pause, team_day.team_id, team_day.day)
    found = await QUEUE.claim(tenant, "method", limit=1, also="team_id = $3 AND day = $4", arguments=arguments)
    return Claim(team_day.team_id, (team_day.day,), found[0]["method"]) if found else None


async def complete(tenant: Tenant, team_id: int, ledger: Ledger) -> None:
    """Record the settled totals, and what they depend on.

    Tokens in windows beyond these totals are shown as pending.
    """
    rows = [
        (team_id, day, ledger.method, *(ledger.depends_on.get(day) or (None, None)), *total.tokens, total.cost_nano_usd)
        for day, total in ledger.totals.items()
    ]
    await QUEUE.run(tenant, _COMPLETE, rows)


async def back_off(tenant: Tenant, team_day: TeamDay, failure: str, retry: Retry) -> None:
    """Record a failed attempt: retry later, or give up once the limit is reached."""
    await QUEUE.back_off(tenant, [(team_day.team_id, team_day.day)], failure, retry)
