"""Sums reported outcomes by day, week, month and dimension, so that questions about them read few rows."""

from schema.database import Tenant

# Days per transaction, to keep it short.
DAYS = 50

_AMOUNTS = ("outcomes", "successes", "with_success", "quality", "with_quality")
_NAMES = ", ".join(_AMOUNTS)
_SUMS = ", ".join(f"sum({name})" for name in _AMOUNTS)
_KEYS = "cut, team_id, grain, period, first, second"

# The newest days first.
_TAKE = """
DELETE FROM stale_outcome
 WHERE organization_id = $1
   AND day IN (SELECT DISTINCT day FROM stale_outcome WHERE organization_id = $1 ORDER BY day DESC LIMIT $2)
RETURNING day
"""

# By all teams together (team 0), and again by each of them.
_ADD = f"""
INSERT INTO outcome_cut AS known (organization_id, {_KEYS}, {_NAMES})
WITH found AS (
    SELECT wanted.day, team_id, feature, workflow, prompt_template, sum(number) AS outcomes,
           coalesce(sum(successes), 0) AS successes,
           coalesce(sum(number) FILTER (WHERE successes IS NOT NULL), 0) AS with_success,
           coalesce(sum(quality::numeric * number), 0) AS quality,
           coalesce(sum(number) FILTER (WHERE quality IS NOT NULL), 0) AS with_quality
      FROM unnest($2::date[]) AS wanted (day)
      JOIN reported_outcome AS reported
        ON reported.organization_id = $1 AND hour >= wanted.day::timestamp AT TIME ZONE 'UTC'
       AND hour < (wanted.day + 1)::timestamp AT TIME ZONE 'UTC'
     GROUP BY 1, 2, 3, 4, 5
), entry AS (
    SELECT day, cell.cut, cell.team_id, cell.first, cell.second, {_NAMES}
      FROM found
     CROSS JOIN LATERAL (VALUES
           ('', 0, '', ''), ('team', 0, found.team_id::text, ''), ('feature', 0, feature, ''),
           ('workflow', 0, workflow, ''), ('prompt_version', 0, prompt_template, ''),
           ('', found.team_id, '', ''), ('feature', found.team_id, feature, ''),
           ('workflow', found.team_id, workflow, ''), ('prompt_version', found.team_id, prompt_template, ''))
           AS cell (cut, team_id, first, second)
     UNION ALL
    SELECT period, cut, team_id, first, second, {", ".join(f"-{name}" for name in _AMOUNTS)}
      FROM outcome_cut
     WHERE organization_id = $1 AND grain = 'day' AND period = ANY($2::date[])
), change AS (
    SELECT day, cut, team_id, first, second, {", ".join(f"sum({name}) AS {name}" for name in _AMOUNTS)}
      FROM entry GROUP BY 1, 2, 3, 4, 5 HAVING {" OR ".join(f"sum({name}) <> 0" for name in _AMOUNTS)}
)
SELECT $1::bigint, cut, team_id, grain, period, first, second, {_SUMS}
  FROM change
 CROSS JOIN LATERAL (VALUES ('day', day), ('week', date_trunc('week', day::timestamp)::date),
                            ('month', date_trunc('month', day::timestamp)::date)) AS span (grain, period)
 GROUP BY 2, 3, 4, 5, 6, 7
 ORDER BY 2, 3, 4, 5, 6, 7
    ON CONFLICT (organization_id, {_KEYS})
    DO UPDATE SET {", ".join(f"{name} = known.{name} + excluded.{name}" for name in _AMOUNTS)}
"""  # noqa: S608 - names of ours

_DELETE_EMPTY = """
DELETE FROM outcome_cut
 WHERE organization_id = $1 AND outcomes = 0
   AND (grain, period) IN (SELECT grain, period FROM unnest($2::date[]) AS day
        CROSS JOIN LATERAL (VALUES ('day', day), ('week', date_trunc('week', day::timestamp)::date),
                                   ('month', date_trunc('month', day::timestamp)::date)) AS span (grain, period))
"""


async def sum_days(tenant: Tenant) -> bool:
    """Sum the outcomes of some noted days again; return False when there are none. Lock out other roll-ups before."""
    days = sorted({row["day"] for row in await tenant.fetch(_TAKE, DAYS)})
    if not days:
        return False
    await tenant.execute(_ADD, days)
    await tenant.execute(_DELETE_EMPTY, days)
    return True
