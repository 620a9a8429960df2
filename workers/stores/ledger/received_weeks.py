"""Received tokens of teams by week, summed from intake totals as they grow."""

from schema.database import Tenant
from schema.received_weeks import NOT_SUMMED, TOTAL
from workers.stores.ledger.invalidate_weeks import lock_weeks

# Days per transaction, to keep it short.
BATCH = 1_000

# Locked in the same order as by intake.
_TAKE = f"""
SELECT team_id, day, {TOTAL} AS tokens, {TOTAL} - coalesce(summed_tokens, 0) AS added
  FROM intake_total
 WHERE organization_id = $1 AND {NOT_SUMMED}
 ORDER BY team_id, day LIMIT $2 FOR UPDATE
"""  # noqa: S608 - fixed names

_KEEP = """
UPDATE intake_total SET summed_tokens = taken.tokens
  FROM unnest($2::bigint[], $3::date[], $4::bigint[]) AS taken (team_id, day, tokens)
 WHERE organization_id = $1 AND intake_total.team_id = taken.team_id AND intake_total.day = taken.day
"""

_ADD = """
INSERT INTO merged_week AS kept (organization_id, team_id, week, received_tokens)
SELECT $1::bigint, team_id, date_trunc('week', day::timestamp)::date AS week, sum(tokens)::bigint
  FROM unnest($2::bigint[], $3::date[], $4::bigint[]) AS added (team_id, day, tokens)
 GROUP BY team_id, week ORDER BY team_id, week
    ON CONFLICT (organization_id, team_id, week) DO UPDATE SET
       received_tokens = coalesce(kept.received_tokens, 0) + excluded.received_tokens
"""


async def add_received(tenant: Tenant) -> bool:
    """Add some received tokens to their weeks; return False when all are added."""
    await lock_weeks(tenant)
    taken = await tenant.fetch(_TAKE, BATCH)
    if not taken:
        return False
    days = [row["team_id"] for row in taken], [row["day"] for row in taken]
    await tenant.execute(_KEEP, *days, [row["tokens"] for row in taken])
    await tenant.execute(_ADD, *days, [row["added"] for row in taken])
    return True
