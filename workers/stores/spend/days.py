"""Replaces the spend of team-days, and finds what changed by it."""

from schema.database import Tenant
from vocabulary.spend_cuts import MEASURES
from workers.stores.spend.pieces import OF_WINDOW

DIMENSIONS = (*OF_WINDOW, "repository_id", "feature", "stage", "evidence")
_TYPES = {name: "bytea" if name == "repository_id" else "text" for name in DIMENSIONS}
_NAMES = ", ".join(DIMENSIONS)
_AMOUNTS = ", ".join(MEASURES)
_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in MEASURES)

_MAKE = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS {{table}} (
    team_id bigint, day date, {", ".join(f"{name} {kind}" for name, kind in _TYPES.items())},
    {", ".join(f"{name} bigint" for name in MEASURES)}) ON COMMIT DELETE ROWS
"""

# A pull request counts for one feature, the first by name that has one of its labels, so that features add up.
_FIND = f"""
INSERT INTO spend_found (team_id, day, {_NAMES}, {_AMOUNTS})
WITH work AS MATERIALIZED (
    SELECT spent.artifact_id, pull_request.repository_id,
           coalesce((SELECT feature.name FROM feature
                       JOIN pull_request_labels AS labelled
                         ON labelled.organization_id = $1 AND labelled.labels && feature.labels
                      WHERE feature.organization_id = $1 AND labelled.artifact_id = spent.artifact_id
                      ORDER BY feature.name LIMIT 1), '') AS feature,
           CASE pull_request.state
                WHEN 'open' THEN 'in_flight' WHEN 'abandoned' THEN 'abandoned'
                ELSE 'merged'
                     || CASE WHEN EXISTS (SELECT FROM release_pull_request AS link
                                           WHERE link.organization_id = $1 AND link.pull_request_id = spent.artifact_id)
                             THEN '.released' ELSE '' END
                     || CASE WHEN outcome.reverted_at IS NULL THEN '' ELSE '.reverted' END END AS stage
      FROM (SELECT DISTINCT artifact_id FROM spend_piece WHERE artifact_id <> '') AS spent
      JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = spent.artifact_id
      LEFT JOIN outcome ON outcome.organization_id = $1 AND outcome.artifact_id = spent.artifact_id
)
SELECT team_id, day, {", ".join(OF_WINDOW)}, coalesce(work.repository_id, ''), coalesce(work.feature, ''),
       coalesce(work.stage, 'overhead'), evidence, {_SUMS}
  FROM spend_piece LEFT JOIN work USING (artifact_id)
 GROUP BY 1, 2, {", ".join(OF_WINDOW)}, work.repository_id, work.feature, work.stage, evidence
"""  # noqa: S608 - names of ours

_COMPARE = f"""
INSERT INTO spend_change (team_id, day, {_NAMES}, {_AMOUNTS})
SELECT team_id, day, {_NAMES}, {_SUMS}
  FROM (SELECT team_id, day, {_NAMES}, {_AMOUNTS} FROM spend_found
         UNION ALL
        SELECT team_id, day, {_NAMES}, {", ".join(f"-{name}" for name in MEASURES)}
          FROM stale_team_day AS stale JOIN spend_day AS known USING (team_id, day)
         WHERE known.organization_id = $1) AS entry
 GROUP BY team_id, day, {_NAMES}
HAVING {" OR ".join(f"sum({name}) <> 0" for name in MEASURES)}
"""  # noqa: S608 - names of ours

_DELETE = """
DELETE FROM spend_day AS known USING stale_team_day AS stale
 WHERE known.organization_id = $1 AND known.team_id = stale.team_id AND known.day = stale.day
"""

_INSERT = f"""
INSERT INTO spend_day (organization_id, team_id, day, cell, {_NAMES}, {_AMOUNTS})
SELECT $1::bigint, team_id, day, row_number() OVER (PARTITION BY team_id, day ORDER BY {_NAMES}), {_NAMES}, {_AMOUNTS}
  FROM spend_found
"""  # noqa: S608 - names of ours


async def make_tables(tenant: Tenant) -> None:
    """Make the temporary tables `spend_found` and `spend_change`, which are emptied at the end of a transaction."""
    for table in ("spend_found", "spend_change"):
        await tenant.connection.execute(_MAKE.format(table=table))


async def replace_days(tenant: Tenant) -> None:
    """Replace the spend of `stale_team_day` by `spend_piece`; the difference is in `spend_change`."""
    await make_tables(tenant)
    await tenant.execute(_FIND)
    await tenant.execute(_COMPARE)
    await tenant.execute(_DELETE)
    await tenant.execute(_INSERT)
