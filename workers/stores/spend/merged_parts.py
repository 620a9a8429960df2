"""Replaces what was spent on merged pull requests, and adds what changed to the sums by the time of their merge."""

from collections.abc import Collection

from schema.database import Tenant
from schema.team_of import TEAM_OF_PULL_REQUEST
from vocabulary.spend_cuts import COSTS, DIMENSIONS, MERGED_CUTS, OF_MERGED, OWN_OF_MERGED
from vocabulary.tokens import TOKEN_KINDS

_COLUMNS = {
    "team": "team_id::text",
    "repository": "encode(repository_id, 'hex')",
    **{name: name for name in ("feature", "model", "workflow", "evidence")},
}
_NAMES = [name for name in DIMENSIONS if name in OF_MERGED]
_MEASURES = (*TOKEN_KINDS, *COSTS, "pull_requests")
_POOLED = ("repository", "cohort")
_SUMMED = (*_MEASURES, *(f"{each}_tokens" for each in _POOLED))
_AMOUNTS = ", ".join(_SUMMED)
_TOTAL = " + ".join(TOKEN_KINDS)
_KEY = "cut, grain, period, first, second"
_IS_SOMETHING = " OR ".join(f"{{prefix}}{name} <> 0" for name in _SUMMED)

_MAKE_ENTRIES = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS merged_part_entry (
    day date, {", ".join(f"{name} text" for name in _NAMES)}, {", ".join(f"{name} bigint" for name in _SUMMED)}
) ON COMMIT DELETE ROWS
"""
_MAKE_STEPS = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS merged_spend_step (
    cut text, grain text, period date, first text, second text, {", ".join(f"{name} bigint" for name in _SUMMED)}
) ON COMMIT DELETE ROWS
"""


def entries_of(condition: str, sign: str = "1") -> str:
    """Return SQL for what the parts that fulfil a condition add to the sums."""
    pooled = ", ".join(
        f"CASE WHEN evidence = '{each}' THEN {sign} * ({_TOTAL}) ELSE 0 END AS {each}_tokens" for each in _POOLED
    )
    return f"""
SELECT day, {", ".join(f"{_COLUMNS[name]} AS {name}" for name in _NAMES)},
       {", ".join(f"{sign} * {name} AS {name}" for name in _MEASURES)},
       {pooled}
  FROM merged_part WHERE organization_id = $1 AND {condition}
"""  # noqa: S608 - names of ours


_TAKE = f"""
INSERT INTO merged_part_entry (day, {", ".join(_NAMES)}, {_AMOUNTS})
{entries_of("artifact_id = ANY($2::bytea[])", "$3::bigint")}
"""
_DELETE = "DELETE FROM merged_part WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])"

# A pull request counts for one feature, the first by name that has one of its labels, so that features add up. Days
# without a bill cost their list price, and nothing is billed.
_NO_KINDS = ", ".join("0" for _ in TOKEN_KINDS)
_INSERT = f"""
INSERT INTO merged_part (organization_id, artifact_id, evidence, model, workflow, team_id, day, repository_id, feature,
                         {", ".join(_MEASURES)})
WITH merged AS MATERIALIZED (
    SELECT pull_request.artifact_id, {TEAM_OF_PULL_REQUEST} AS team_id, (merged_at AT TIME ZONE 'UTC')::date AS day,
           pull_request.repository_id,
           coalesce((SELECT feature.name FROM feature
                       JOIN pull_request_labels AS labelled
                         ON labelled.organization_id = $1 AND labelled.labels && feature.labels
                      WHERE feature.organization_id = $1 AND labelled.artifact_id = pull_request.artifact_id
                      ORDER BY feature.name LIMIT 1), '') AS feature
      FROM pull_request
      JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
     WHERE pull_request.organization_id = $1 AND pull_request.artifact_id = ANY($2::bytea[])
       AND pull_request.state = 'merged' AND merged_at IS NOT NULL
), spent AS (
    SELECT rollup.artifact_id, evidence, model, workflow, {", ".join(f"rollup.{kind}" for kind in TOKEN_KINDS)},
           rollup.cost_nano_usd AS list_nano_usd,
           CASE WHEN priced.day IS NULL THEN rollup.cost_nano_usd ELSE 0 END AS effective_nano_usd,
           0 AS billed_nano_usd, 0 AS pull_requests
      FROM attribution_rollup AS rollup
      LEFT JOIN reconciled_day AS priced
        ON priced.organization_id = $1 AND priced.team_id = rollup.team_id AND priced.day = rollup.day
     WHERE rollup.organization_id = $1 AND rollup.artifact_id = ANY($2::bytea[])
     UNION ALL
    SELECT artifact_id, evidence, model, workflow, {_NO_KINDS}, 0, effective_nano_usd, billed_nano_usd, 0
      FROM ledger_cost WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])
     UNION ALL
    SELECT artifact_id, '', '', '', {_NO_KINDS}, 0, 0, 0, 1 FROM merged
)
SELECT $1::bigint, artifact_id, evidence, model, workflow, team_id, day, repository_id, feature,
       {", ".join(f"sum({name})" for name in _MEASURES)}
  FROM merged JOIN spent USING (artifact_id)
 GROUP BY artifact_id, evidence, model, workflow, team_id, day, repository_id, feature
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - names of ours

_CUT = ", ".join(f"CASE WHEN {name} IS NOT NULL THEN '{name}' END" for name in _NAMES)
_SPLIT = [name for name in _NAMES if name not in OWN_OF_MERGED]
_SETS = ", ".join(f"({', '.join(('day', *cut))})" for cut in MERGED_CUTS)
_COUNTED = f"CASE WHEN num_nonnulls({', '.join(_SPLIT)}) = 0 THEN sum(pull_requests) ELSE 0 END"
_ADDED = [f"sum({name})::bigint AS {name}" for name in _SUMMED]


def sums_of(entries: str) -> str:
    """Return SQL for the sums of entries of merged parts, by the key of `merged_spend`."""
    return f"""
SELECT cut, grain, start AS period, first, second, {", ".join(_ADDED)}
  FROM (SELECT day, concat_ws(',', {_CUT}) AS cut, coalesce({", ".join(_NAMES)}, '') AS first,
               CASE WHEN num_nonnulls({", ".join(_NAMES)}) = 2 THEN coalesce({", ".join(reversed(_NAMES))}) ELSE '' END
                   AS second,
               {", ".join(each if "pull_requests" not in each else f"{_COUNTED} AS pull_requests" for each in _ADDED)}
          FROM {entries} GROUP BY GROUPING SETS ({_SETS})) AS summed
 CROSS JOIN LATERAL (VALUES ('day', day), ('week', date_trunc('week', day::timestamp)::date),
                            ('month', date_trunc('month', day::timestamp)::date)) AS span (grain, start)
 GROUP BY cut, grain, start, first, second
HAVING {" OR ".join(f"sum({name}) <> 0" for name in _SUMMED)}
"""  # noqa: S608 - names of ours


def add_sums(sums: str) -> str:
    """Return SQL that adds sums to those that are kept."""
    return f"""
INSERT INTO merged_spend AS known (organization_id, {_KEY}, {_AMOUNTS})
SELECT $1::bigint, {_KEY}, {_AMOUNTS} FROM {sums} ORDER BY {_KEY}
    ON CONFLICT (organization_id, {_KEY})
    DO UPDATE SET {", ".join(f"{name} = known.{name} + excluded.{name}" for name in _SUMMED)}
 WHERE known.organization_id = $1
"""  # noqa: S608 - names of ours


_SUM = f"INSERT INTO merged_spend_step ({_KEY}, {_AMOUNTS}) {sums_of('merged_part_entry')}"
_ADD = add_sums("merged_spend_step")
_DELETE_EMPTY = f"""
DELETE FROM merged_spend AS known USING merged_spend_step AS step
 WHERE known.organization_id = $1
   AND {" AND ".join(f"known.{name} = step.{name}" for name in _KEY.split(", "))}
   AND NOT ({_IS_SOMETHING.format(prefix="known.")})
"""  # noqa: S608 - names of ours


async def insert_parts(tenant: Tenant, artifact_ids: Collection[bytes]) -> None:
    """Read what was spent on these pull requests, which have no parts yet; those not merged get none."""
    await tenant.execute(_INSERT, list(artifact_ids))


async def replace_parts(tenant: Tenant, artifact_ids: Collection[bytes]) -> None:
    """Read again what was spent on these pull requests, once per transaction; those not merged have no parts."""
    ids = list(artifact_ids)
    await tenant.connection.execute(_MAKE_ENTRIES)
    await tenant.connection.execute(_MAKE_STEPS)
    await tenant.execute(_TAKE, ids, -1)
    await tenant.execute(_DELETE, ids)
    await insert_parts(tenant, ids)
    await tenant.execute(_TAKE, ids, 1)
    await tenant.connection.execute(_SUM)
    await tenant.execute(_ADD)
    await tenant.execute(_DELETE_EMPTY)
