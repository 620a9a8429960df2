"""Merged pull requests with their outcomes, and what most of their tokens were spent with, as they are studied."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from asyncpg import Record

from schema.database import Tenant
from vocabulary.tokens import TOKEN_KINDS
from workers.statistics.arrays import Real
from workers.statistics.iterations import COUNTED, MergedWork
from workers.stores.ledger.invalidate_weeks import TEAM_OF_MERGED
from workers.stores.ledger.team_weeks import RIPENS, WEEK_DAYS, Weeks

# Half a year of merges, and of the tokens spent on them before.
SPAN = timedelta(weeks=26)
SPENT_BEFORE = timedelta(weeks=8)
# A revert counts within two weeks; a fix within two weeks of the release, which may take two weeks.
REVERTED_WITHIN = timedelta(days=14)
PERIOD_WEEKS = 4
USED = ("context_tier", "model_family", "prompt_version")

# Teams whose ledger is read at a time, so that no statement takes long.
TEAMS = 20

_TOTAL = " + ".join(f"ledger.{kind}" for kind in TOKEN_KINDS)
_WORK = f"""
SELECT pull_request.artifact_id, {TEAM_OF_MERGED} AS team_id, pull_request.merged_at, pull_request.changed_lines,
       coalesce(outcome.pushes_after_opening, 0) AS pushes_after_opening,
       coalesce(outcome.review_rounds, 0) AS review_rounds,
       coalesce(outcome.reverted_at < pull_request.merged_at + $4::interval, false)::int AS reverted,
       coalesce(outcome.fix_released_at < pull_request.merged_at + $5::interval, false)::int AS fix_released
  FROM pull_request
  JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
  JOIN team AS default_team ON default_team.organization_id = $1 AND default_team.is_default
  LEFT JOIN outcome ON outcome.organization_id = $1 AND outcome.artifact_id = pull_request.artifact_id
 WHERE pull_request.organization_id = $1 AND pull_request.state = 'merged'
   AND pull_request.merged_at >= $2::date::timestamp AT TIME ZONE 'UTC'
   AND pull_request.merged_at < $3::date::timestamp AT TIME ZONE 'UTC'
   AND pull_request.is_bot IS NOT TRUE
 ORDER BY pull_request.merged_at, pull_request.artifact_id
"""  # noqa: S608 - composed of constants
_SPENT = f"""
SELECT ledger.artifact_id, used.context_tier, used.model_family, used.prompt_template AS prompt_version,
       sum({_TOTAL})::bigint AS tokens, sum(ledger.output_visible + ledger.output_reasoning)::bigint AS output
  FROM attribution AS ledger
  JOIN token_window AS used ON used.organization_id = $1 AND used.team_id = ledger.team_id
   AND used.hour = ledger.hour AND used.window_id = ledger.window_id
 WHERE ledger.organization_id = $1 AND ledger.team_id = ANY($2::bigint[]) AND ledger.artifact_id <> ''
   AND ledger.day >= $3 AND ledger.day < $4
   AND used.team_id = ANY($2::bigint[]) AND used.hour >= $5 AND used.hour < $6
 GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - composed of constants
_TEAM_SIZES = "SELECT team_id, size FROM team WHERE organization_id = $1 ORDER BY team_id"


@dataclass(slots=True)
class Spent:
    """What was spent on a pull request: output tokens, and all tokens by dimension and value."""

    output: int = 0
    tokens: dict[str, dict[str, int]] = field(default_factory=lambda: {name: {} for name in USED})

    def add(self, row: Mapping[str, Any]) -> None:
        """Add tokens that have the same value in every dimension."""
        self.output += row["output"]
        for name, values in self.tokens.items():
            values[row[name]] = values.get(row[name], 0) + row["tokens"]

    def most(self, dimension: str) -> str | None:
        """Return what most tokens were spent with; None without tokens."""
        values = {value: tokens for value, tokens in self.tokens[dimension].items() if tokens}
        return min(values, key=lambda value: (-values[value], value)) if values else None


def work_weeks(weeks: Weeks) -> Weeks:
    """Return the weeks whose pull requests are studied: the last half year."""
    return Weeks(max(weeks.first, weeks.last + WEEK_DAYS - SPAN), weeks.last)


async def load(tenant: Tenant, weeks: Weeks) -> MergedWork:
    """Load the pull requests of these weeks; those of bots do not count."""
    end = weeks.last + WEEK_DAYS
    rows = await tenant.fetch(_WORK, weeks.first, end, REVERTED_WITHIN, RIPENS)
    sizes = {row["team_id"]: row["size"] for row in await tenant.fetch(_TEAM_SIZES)}
    spent = {row["artifact_id"]: Spent() for row in rows}
    days = (weeks.first - SPENT_BEFORE, end + RIPENS)
    hours = [datetime.combine(day, time(), UTC) for day in days]
    teams = list(sizes)
    # One look-up for each of a year's rows would take much longer than hashing them.
    async with tenant.planner(enable_nestloop="off", jit="off"):
        for start in range(0, len(teams), TEAMS):
            for row in await tenant.fetch(_SPENT, teams[start : start + TEAMS], *days, *hours):
                if (known := spent.get(row["artifact_id"])) is not None:
                    known.add(row)
    return await asyncio.to_thread(_work, rows, sizes, spent, weeks.first)


def _work(
    rows: Sequence[Record], sizes: Mapping[int, int | None], spent: Mapping[bytes, Spent], first: date
) -> MergedWork:
    on = [spent[row["artifact_id"]] for row in rows]
    four_weeks = PERIOD_WEEKS * WEEK_DAYS
    return MergedWork(
        team=np.array([row["team_id"] for row in rows], dtype=np.int64),
        period=np.array([(row["merged_at"].date() - first) // four_weeks for row in rows], dtype=np.int64),
        people=_numbers(sizes[row["team_id"]] for row in rows),
        lines=_numbers(row["changed_lines"] for row in rows),
        output=_numbers(each.output for each in on),
        made_with={name: tuple(each.most(name) for each in on) for name in USED},
        counted={name: _numbers(row[name] for row in rows) for name in COUNTED},
    )


def _numbers(values: Iterable[int | None]) -> Real:
    """Return numbers, NaN where unknown."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
