"""Received tokens by day, and by team and week or month, summed from intake totals as they grow."""

from schema.database import Tenant
from schema.received_weeks import NOT_SUMMED, SUMMED_KINDS, TOTAL
from vocabulary.tokens import TOKEN_KINDS
from workers.stores.ledger.invalidate_weeks import lock_weeks

# Days per transaction, to keep it short.
BATCH = 1_000
_KINDS = ", ".join(TOKEN_KINDS)

# Locked in the same order as by intake.
_TAKE = f"""
SELECT team_id, day, {TOTAL} - coalesce(summed_tokens, 0) AS added,
       {", ".join(f"{kind} - coalesce(summed_{kind}, 0) AS {kind}" for kind in TOKEN_KINDS)}
  FROM intake_total
 WHERE organization_id = $1 AND {NOT_SUMMED}
 ORDER BY team_id, day LIMIT $2 FOR UPDATE
"""  # noqa: S608 - fixed names

_KEEP = f"""
UPDATE intake_total SET summed_tokens = {TOTAL},
       {", ".join(f"{summed} = {kind}" for summed, kind in zip(SUMMED_KINDS, TOKEN_KINDS, strict=True))}
  FROM unnest($2::bigint[], $3::date[]) AS taken (team_id, day)
 WHERE organization_id = $1 AND intake_total.team_id = taken.team_id AND intake_total.day = taken.day
"""  # noqa: S608 - fixed names

_ADD_TO_WEEKS = """
INSERT INTO merged_week AS kept (organization_id, team_id, week, received_tokens)
SELECT $1::bigint, team_id, date_trunc('week', day::timestamp)::date AS week, sum(tokens)::bigint
  FROM unnest($2::bigint[], $3::date[], $4::bigint[]) AS added (team_id, day, tokens)
 GROUP BY team_id, week ORDER BY team_id, week
    ON CONFLICT (organization_id, team_id, week) DO UPDATE SET
       received_tokens = coalesce(kept.received_tokens, 0) + excluded.received_tokens
"""
_ADD_TO_DAYS = f"""
INSERT INTO received_day AS kept (organization_id, day, {_KINDS})
SELECT $1::bigint, day, {", ".join(f"sum({kind})::bigint" for kind in TOKEN_KINDS)}
  FROM unnest($2::date[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[]) AS added (day, {_KINDS})
 GROUP BY day ORDER BY day
    ON CONFLICT (organization_id, day) DO UPDATE SET
       {", ".join(f"{kind} = kept.{kind} + excluded.{kind}" for kind in TOKEN_KINDS)}
"""  # noqa: S608 - fixed names


# Summed as a whole, so that it never depends on what was summed before.
_SUM_BY_TEAM = f"""
INSERT INTO received_cut AS kept (organization_id, grain, period, team_id, {_KINDS})
SELECT $1::bigint, grain, period, span.team_id, {", ".join(f"sum(summed_{kind})::bigint" for kind in TOKEN_KINDS)}
  FROM (SELECT DISTINCT team_id, grain, date_trunc(grain, day::timestamp)::date AS period
          FROM unnest($2::bigint[], $3::date[]) AS added (team_id, day), (VALUES ('week'), ('month')) AS of (grain)
         ORDER BY grain, period, team_id) AS span
 CROSS JOIN LATERAL (
       SELECT * FROM intake_total AS known
        WHERE known.organization_id = $1 AND known.team_id = span.team_id AND known.day >= period
          AND known.day < period + CASE grain WHEN 'week' THEN interval '7 days' ELSE interval '1 month' END) AS known
 GROUP BY grain, period, span.team_id
    ON CONFLICT (organization_id, grain, period, team_id) DO UPDATE SET
       {", ".join(f"{kind} = excluded.{kind}" for kind in TOKEN_KINDS)}
"""  # noqa: S608 - fixed names


async def add_received(tenant: Tenant) -> bool:
    """Add some received tokens to their days, weeks and months; return False when all are added."""
    await lock_weeks(tenant)
    taken = await tenant.fetch(_TAKE, BATCH)
    if not taken:
        return False
    teams, days = [row["team_id"] for row in taken], [row["day"] for row in taken]
    await tenant.execute(_KEEP, teams, days)
    await tenant.execute(_ADD_TO_WEEKS, teams, days, [row["added"] for row in taken])
    await tenant.execute(_SUM_BY_TEAM, teams, days)
    await tenant.execute(_ADD_TO_DAYS, days, *([row[kind] for row in taken] for kind in TOKEN_KINDS))
    return True
