"""Adds what changed of merged pull requests to the sums by the day, week and month of their merge.

They are summed by team, those of bots by team, and those that are linked well enough by each of their amounts, in
steps of 1 %, of which percentiles are made.
"""

from collections.abc import Collection
from math import log
from typing import Final

from schema.database import Tenant
from vocabulary.intervals import RELIABLE_SHARE
from vocabulary.spend_cuts import COSTS, REWORK

# The amount by which a cut is stepped.
STEPPED: Final = {"tokens": "tokens", **{cost.removesuffix("_nano_usd"): cost for cost in COSTS}}
# SQL for the step of an amount; what is not positive is on the step of 1.
STEP_OF: Final = f"CASE WHEN {{0}} > 1 THEN round(ln({{0}}::float8) / {log(1.01)!r})::bigint ELSE 0 END"

_AMOUNTS = (*COSTS, "tokens", *REWORK)
_SUMMED = ("pull_requests", *_AMOUNTS)
_KEY = "cut, grain, period, value"

_MAKE = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS merged_entry (
    sign bigint, team_id bigint, day date, is_bot boolean, is_counted boolean,
    {", ".join(f"{name} bigint" for name in _AMOUNTS)}
) ON COMMIT DELETE ROWS
"""
_TAKE = f"""
INSERT INTO merged_entry
SELECT $3::bigint, team_id, (merged_at AT TIME ZONE 'UTC')::date, is_bot,
       NOT is_bot AND tokens > 0 AND linked_tokens >= {RELIABLE_SHARE} * tokens, {", ".join(_AMOUNTS)}
  FROM pull_request_spend
 WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[]) AND state = 'merged' AND merged_at IS NOT NULL
"""  # noqa: S608 - names of ours
_CUTS = ", ".join(f"('{cut}', {STEP_OF.format(amount)}, is_counted)" for cut, amount in STEPPED.items())
_MAKE_STEP = f"""
CREATE TEMPORARY TABLE IF NOT EXISTS merged_step (
    cut text, grain text, period date, value bigint, {", ".join(f"{name} bigint" for name in _SUMMED)}
) ON COMMIT DELETE ROWS
"""
_SUM = f"""
INSERT INTO merged_step ({_KEY}, {", ".join(_SUMMED)})
SELECT {_KEY}, sum(sign), {", ".join(f"sum(sign * {name})" for name in _AMOUNTS)}
  FROM merged_entry
 CROSS JOIN LATERAL (VALUES ('team', team_id, true), ('bots', team_id, is_bot), {_CUTS}) AS part (cut, value, is_held)
 CROSS JOIN LATERAL (VALUES ('day', day), ('week', date_trunc('week', day::timestamp)::date),
                            ('month', date_trunc('month', day::timestamp)::date)) AS span (grain, period)
 WHERE is_held
 GROUP BY {_KEY}
HAVING sum(sign) <> 0 OR {" OR ".join(f"sum(sign * {name}) <> 0" for name in _AMOUNTS)}
"""  # noqa: S608 - names of ours
_ADD = f"""
INSERT INTO merged_cut AS known (organization_id, {_KEY}, {", ".join(_SUMMED)})
SELECT $1::bigint, {_KEY}, {", ".join(_SUMMED)} FROM merged_step ORDER BY {_KEY}
    ON CONFLICT (organization_id, {_KEY})
    DO UPDATE SET {", ".join(f"{name} = known.{name} + excluded.{name}" for name in _SUMMED)}
 WHERE known.organization_id = $1
"""  # noqa: S608 - names of ours
_DELETE_EMPTY = """
DELETE FROM merged_cut AS known USING merged_step AS step
 WHERE known.organization_id = $1 AND known.cut = step.cut AND known.grain = step.grain
   AND known.period = step.period AND known.value = step.value
   AND step.pull_requests < 0 AND known.pull_requests = 0
"""


async def take_before(tenant: Tenant, artifact_ids: Collection[bytes]) -> None:
    """Note what these pull requests are counted as; call this before they change."""
    for statement in (_MAKE, _MAKE_STEP):
        await tenant.connection.execute(statement)
    await tenant.execute(_TAKE, list(artifact_ids), -1)


async def add_changes(tenant: Tenant, artifact_ids: Collection[bytes]) -> None:
    """Count these pull requests as they are now instead of as before."""
    await tenant.execute(_TAKE, list(artifact_ids), 1)
    await tenant.connection.execute(_SUM)
    await tenant.execute(_ADD)
    await tenant.execute(_DELETE_EMPTY)
