"""Tokens received in whole weeks, from sums by team and week, and the days that are not in those sums yet."""

from datetime import date

from schema.database import Tenant
from service.queries.ledger.received import UNSUMMED

_RECEIVED = f"""
    SELECT (SELECT coalesce(sum(received_tokens), 0)::bigint FROM merged_week
             WHERE organization_id = $1 AND week >= $2 AND week <= $3 AND ($4::bigint IS NULL OR team_id = $4))
         + (SELECT coalesce(sum(tokens), 0)::bigint FROM {UNSUMMED} AS unsummed
             WHERE day >= $2 AND day <= $3 AND ($4::bigint IS NULL OR team_id = $4))
"""  # noqa: S608 - composed of constants


async def read_received_weeks(tenant: Tenant, first_day: date, last_day: date, team_id: int | None) -> int:
    """Return the tokens received from a Monday to a Sunday, both inclusive."""
    # The planner takes most intake totals for unsummed, and would read all of them.
    async with tenant.planner(enable_seqscan="off", jit="off"):
        received: int = await tenant.fetchval(_RECEIVED, first_day, last_day, team_id)
    return received
