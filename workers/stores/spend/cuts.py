"""Adds what changed in team-days to the sums by day, week, month and up to two dimensions."""

from schema.database import Tenant
from vocabulary.spend_cuts import CUTS, DIMENSIONS, MEASURES, OWNERS, TO_DATE
from workers.stores.spend.to_date import KEY, add_to_date
from workers.stores.spend.work import models_of

_COLUMNS = {
    **{name: name for name in DIMENSIONS},
    "team": "team_id::text",
    "repository": "encode(repository_id, 'hex')",
    "fate": "stage",
    "prompt_version": "prompt_template",
}
_KEYS, _AMOUNTS = ", ".join(KEY), ", ".join(MEASURES)
_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in MEASURES)
_NAMES = ", ".join(f"CASE WHEN {name} IS NOT NULL THEN '{name}' END" for name in DIMENSIONS)
_IS_OWNED = f"num_nonnulls({', '.join(DIMENSIONS)}) = 2 AND num_nonnulls({', '.join(OWNERS)}) > 0"

_KINDS_OF = dict.fromkeys(KEY, "text") | {"period": "date"}
_MAKE = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS spend_step (
    cut text, owner text, grain text, period date, first text, second text,
    {", ".join(f"{name} bigint" for name in MEASURES)}) ON COMMIT DELETE ROWS
"""


# One pass over the changes: a dimension outside a grouping set is null there, and never null within. Days are not
# grouped once more, because a day is in one grouping set at most once.
def sums_of(changes: str) -> str:
    """Return SQL for the sums of rows with the columns of `spend_day`, by the key of `spend_cut`."""
    return f"""
WITH change AS (
    SELECT day, {", ".join(f"{column} AS {name}" for name, column in _COLUMNS.items())}, {_AMOUNTS} FROM {changes}
), named AS (
    SELECT day, concat_ws(',', {_NAMES}) AS cut,
           {_IS_OWNED} AS is_owned, num_nonnulls({", ".join(DIMENSIONS)}) AS dimensions,
           coalesce({", ".join(DIMENSIONS)}, '') AS head, coalesce({", ".join(reversed(DIMENSIONS))}, '') AS tail,
           {_SUMS}
      FROM change GROUP BY GROUPING SETS ({", ".join(f"({', '.join(('day', *cut))})" for cut in CUTS)})
    HAVING {" OR ".join(f"sum({name}) <> 0" for name in MEASURES)}
), placed AS MATERIALIZED (
    SELECT day, cut, is_owned, CASE WHEN is_owned THEN head ELSE '' END AS owner,
           CASE WHEN is_owned THEN tail ELSE head END AS first,
           CASE WHEN dimensions = 2 AND NOT is_owned THEN tail ELSE '' END AS second, {_AMOUNTS}
      FROM named
)
SELECT cut, owner, 'day' AS grain, day AS period, first, second, {_AMOUNTS} FROM placed WHERE NOT is_owned
 UNION ALL
SELECT cut, owner, grain, period, first, second, {_SUMS}
  FROM placed
 CROSS JOIN LATERAL (VALUES ('week', date_trunc('week', day::timestamp)::date),
                            ('month', date_trunc('month', day::timestamp)::date)) AS span (grain, period)
 GROUP BY 1, 2, 3, 4, 5, 6
"""  # noqa: S608 - names of ours


_SUM = f"INSERT INTO spend_step ({_KEYS}, {_AMOUNTS}) {sums_of('spend_change')}"

_SUM_MODELS = f"INSERT INTO spend_step ({_KEYS}, {_AMOUNTS}) {models_of('work_change')}"

# In the order of the key, so that what a question reads stands on few pages.
_ADD = f"""
INSERT INTO spend_cut AS known (organization_id, {_KEYS}, {_AMOUNTS})
SELECT $1::bigint, {_KEYS}, {_AMOUNTS} FROM spend_step ORDER BY {_KEYS}
    ON CONFLICT (organization_id, {_KEYS})
    DO UPDATE SET {", ".join(f"{name} = known.{name} + excluded.{name}" for name in MEASURES)}
"""  # noqa: S608 - names of ours

_MAKE_EMPTY = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS spend_empty ({", ".join(f"{name} {_KINDS_OF[name]}" for name in KEY)})
    ON COMMIT DELETE ROWS
"""
# The sums of everything say which points there are. Each sum is looked up by its key: the planner expects that hardly
# any is 0, and would compare each that is with each step.
_FIND_EMPTY = f"""
INSERT INTO spend_empty ({_KEYS})
SELECT {", ".join(f"step.{name}" for name in KEY)}
  FROM (SELECT {_KEYS} FROM spend_step
         WHERE least({_AMOUNTS}) < 0
           AND NOT (cut = '' AND grain IN ({", ".join(f"'{grain}'" for grain in TO_DATE)}))) AS step
 CROSS JOIN LATERAL (
       SELECT FROM spend_cut AS known
        WHERE known.organization_id = $1 AND {" AND ".join(f"known.{name} = step.{name}" for name in KEY)}
          AND {" AND ".join(f"known.{name} = 0" for name in MEASURES)} LIMIT 1) AS known
"""  # noqa: S608 - names of ours
_DELETE_EMPTY = f"""
DELETE FROM spend_cut AS known USING spend_empty AS empty
 WHERE known.organization_id = $1 AND {" AND ".join(f"known.{name} = empty.{name}" for name in KEY)}
"""  # noqa: S608 - names of ours


async def add_changes(tenant: Tenant) -> None:
    """Add `spend_change` and `work_change` to the sums, and delete sums that became 0."""
    await tenant.connection.execute(_MAKE)
    await tenant.connection.execute(_MAKE_EMPTY)
    await tenant.connection.execute(_SUM)
    await tenant.connection.execute(_SUM_MODELS)
    await add_to_date(tenant)
    await tenant.execute(_ADD)
    await tenant.execute(_FIND_EMPTY)
    await tenant.execute(_DELETE_EMPTY)
