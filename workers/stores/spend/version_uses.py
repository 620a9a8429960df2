"""Requests of each prompt version, or model, by team, week and context-window tier."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

import numpy as np
from asyncpg import Record

from schema.database import Tenant
from workers.statistics.arrays import Real, Whole
from workers.statistics.version_changes import VersionUses

# Older weeks say little about the versions of today.
SPAN = timedelta(weeks=16)

_USES = """
SELECT team_id, size, date_trunc('week', day::timestamp)::date AS week, context_tier, {version} AS version,
       sum(requests) AS requests, sum(failed_requests) AS failed, sum(list_nano_usd) AS cost,
       sum(input_uncached + cache_read + cache_write) AS input_tokens,
       sum(output_visible + output_reasoning) AS output_tokens,
       coalesce(sum(requests) FILTER (WHERE stage LIKE 'merged%' OR stage = 'abandoned'), 0) AS ended,
       coalesce(sum(requests) FILTER (WHERE stage LIKE 'merged%'), 0) AS merged,
       coalesce(sum(requests) FILTER (WHERE stage LIKE '%.reverted'), 0) AS reverted
  FROM spend_day JOIN team USING (organization_id, team_id)
 WHERE organization_id = $1 AND day >= $2 AND {version} <> ''
 GROUP BY 1, 2, 3, 4, 5
HAVING sum(requests) > 0
"""
_AMOUNTS = ("input_tokens", "output_tokens", "cost", "failed", "ended", "merged", "reverted")


async def load(
    tenant: Tenant, version: Literal["prompt_template", "model"], today: date, least_people: int
) -> VersionUses:
    """Load the uses of the last weeks; beside other teams, teams with too few people are left out."""
    rows = await tenant.fetch(_USES.format(version=version), today - SPAN)
    if len({row["team_id"] for row in rows}) > 1:
        rows = [row for row in rows if row["size"] is None or row["size"] >= least_people]
    return VersionUses(
        versions=tuple(row["version"] for row in rows),
        team=_codes(rows, "team_id"),
        week=np.array([(row["week"] - today).days // 7 for row in rows], dtype=np.int64) + SPAN.days,
        kind=_codes(rows, "context_tier"),
        requests=_numbers(rows, "requests"),
        amounts={name: _numbers(rows, name) for name in _AMOUNTS},
    )


def _codes(rows: Sequence[Record], column: str) -> Whole:
    """Return a number for each value of a column."""
    places = {value: place for place, value in enumerate(sorted({row[column] for row in rows}))}
    return np.array([places[row[column]] for row in rows], dtype=np.int64)


def _numbers(rows: Sequence[Record], column: str) -> Real:
    return np.array([row[column] for row in rows], dtype=np.float64)
