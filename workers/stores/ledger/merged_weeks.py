"""Sums team weeks from pull requests and the rollup where something changed."""

from schema.database import Tenant
from vocabulary.tokens import TOKEN_KINDS
from workers.stores.ledger.invalidate_weeks import TEAM_OF_MERGED, WEEK, lock_weeks

# Weeks per transaction, to keep it short.
BATCH = 50

_AMOUNTS = (*TOKEN_KINDS, "cost_nano_usd")
_TOTAL = " + ".join(TOKEN_KINDS)
_SUMMED = {
    **{column: f"sum({column})" for column in _AMOUNTS},
    "repository_tokens": f"sum({_TOTAL}) FILTER (WHERE evidence = 'repository')",
    "cohort_tokens": f"sum({_TOTAL}) FILTER (WHERE evidence = 'cohort')",
}
_SUMS = ", ".join(f"COALESCE(sum(spent.{column}), 0)::bigint AS {column}" for column in _SUMMED)

_TAKE = """
DELETE FROM stale_week
 WHERE organization_id = $1
   AND (team_id, week) IN (SELECT DISTINCT team_id, week FROM stale_week WHERE organization_id = $1 LIMIT $2)
RETURNING team_id, week
"""

_SUM = f"""
INSERT INTO merged_week (organization_id, team_id, week, merged_pull_requests, {", ".join(_SUMMED)})
SELECT $1::bigint, stale.team_id, stale.week, COALESCE(merged.pull_requests, 0),
       {", ".join(f"COALESCE(merged.{column}, 0)" for column in _SUMMED)}
  FROM unnest($2::bigint[], $3::date[]) AS stale (team_id, week)
  LEFT JOIN (
       SELECT {TEAM_OF_MERGED} AS team_id,
              {WEEK.format("pull_request.merged_at")} AS week, count(*) AS pull_requests, {_SUMS}
         FROM (SELECT DISTINCT week FROM unnest($3::date[]) AS week) AS asked
         JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.state = 'merged'
          AND pull_request.merged_at >= asked.week::timestamp AT TIME ZONE 'UTC'
          AND pull_request.merged_at < (asked.week + 7)::timestamp AT TIME ZONE 'UTC'
         JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
         JOIN team AS default_team ON default_team.organization_id = $1 AND default_team.is_default
         LEFT JOIN LATERAL (
              SELECT {", ".join(f"{amount} AS {column}" for column, amount in _SUMMED.items())}
                FROM attribution_rollup
               WHERE organization_id = $1 AND artifact_id = pull_request.artifact_id) AS spent ON true
        WHERE {TEAM_OF_MERGED} = ANY($2)
        GROUP BY 1, 2) AS merged
    ON merged.team_id = stale.team_id AND merged.week = stale.week
    ON CONFLICT (organization_id, team_id, week) DO UPDATE SET
       merged_pull_requests = excluded.merged_pull_requests,
       {", ".join(f"{column} = excluded.{column}" for column in _SUMMED)}
"""  # noqa: S608 - composed of constants


async def sum_next(tenant: Tenant) -> bool:
    """Sum some marked weeks and delete their marks; return False when there are none."""
    await lock_weeks(tenant)
    taken = await tenant.fetch(_TAKE, BATCH)
    if not taken:
        return False
    weeks = sorted({(row["team_id"], row["week"]) for row in taken})
    await tenant.execute(_SUM, [team for team, _ in weeks], [week for _, week in weeks])
    return True
