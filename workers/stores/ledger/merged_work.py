"""Merged pull requests with their outcomes, and what most of their tokens were spent with, as they are studied.

What a pull request was made with is kept beside its sums, and read from the ledger again once these changed.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from asyncpg import Record

from schema.database import Tenant, rows_as_columns
from vocabulary.tokens import TOKEN_KINDS
from workers.statistics.arrays import Real
from workers.statistics.iterations import COUNTED, MergedWork
from workers.stores.ledger.invalidate_weeks import TEAM_OF_MERGED
from workers.stores.ledger.team_weeks import RIPENS, WEEK_DAYS, Weeks

# Half a year of merges.
SPAN = timedelta(weeks=26)
# A revert counts within two weeks; a fix within two weeks of the release, which may take two weeks.
REVERTED_WITHIN = timedelta(days=14)
PERIOD_WEEKS = 4
USED = ("context_tier", "model_family", "prompt_version")

# Pull requests whose ledger is read at a time, so that no statement takes long.
PULL_REQUESTS = 1_000

_TOTAL = " + ".join(f"ledger.{kind}" for kind in TOKEN_KINDS)
_WORK = f"""
SELECT pull_request.artifact_id, {TEAM_OF_MERGED} AS team_id, pull_request.merged_at, pull_request.changed_lines,
       coalesce(outcome.pushes_after_opening, 0) AS pushes_after_opening,
       coalesce(outcome.review_rounds, 0) AS review_rounds,
       coalesce(outcome.reverted_at < pull_request.merged_at + $4::interval, false)::int AS reverted,
       coalesce(outcome.fix_released_at < pull_request.merged_at + $5::interval, false)::int AS fix_released,
       spent.tokens, spent.linked_tokens, spent.list_nano_usd,
       known.output_tokens, {", ".join(f"known.{name}" for name in USED)}
  FROM pull_request
  JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
  JOIN team AS default_team ON default_team.organization_id = $1 AND default_team.is_default
  LEFT JOIN outcome ON outcome.organization_id = $1 AND outcome.artifact_id = pull_request.artifact_id
  LEFT JOIN pull_request_spend AS spent
    ON spent.organization_id = $1 AND spent.artifact_id = pull_request.artifact_id
  LEFT JOIN merged_work AS known
    ON known.organization_id = $1 AND known.artifact_id = pull_request.artifact_id
   AND known.tokens = spent.tokens AND known.linked_tokens = spent.linked_tokens
   AND known.list_nano_usd = spent.list_nano_usd
 WHERE pull_request.organization_id = $1 AND pull_request.state = 'merged'
   AND pull_request.merged_at >= $2::date::timestamp AT TIME ZONE 'UTC'
   AND pull_request.merged_at < $3::date::timestamp AT TIME ZONE 'UTC'
   AND pull_request.is_bot IS NOT TRUE
 ORDER BY pull_request.merged_at, pull_request.artifact_id
"""  # noqa: S608 - composed of constants
# Row-level security keeps an expression from being searched by key, so the days are found first.
_SPENT = f"""
WITH worked AS MATERIALIZED (
    SELECT DISTINCT team_id, day FROM attribution_rollup
     WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])
)
SELECT ledger.artifact_id, used.context_tier, used.model_family, used.prompt_template AS prompt_version,
       sum({_TOTAL})::bigint AS tokens, sum(ledger.output_visible + ledger.output_reasoning)::bigint AS output
  FROM worked
  JOIN attribution AS ledger
    ON ledger.organization_id = $1 AND ledger.team_id = worked.team_id AND ledger.day = worked.day
  JOIN token_window AS used ON used.organization_id = $1 AND used.team_id = ledger.team_id
   AND used.hour = ledger.hour AND used.window_id = ledger.window_id
 WHERE ledger.artifact_id = ANY($2::bytea[])
 GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - composed of constants
_KEPT = ("tokens", "linked_tokens", "list_nano_usd", "output_tokens", *USED)
_KEEP = f"""
INSERT INTO merged_work AS known (organization_id, artifact_id, {", ".join(_KEPT)})
SELECT $1::bigint, * FROM unnest($2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
                                 $7::text[], $8::text[], $9::text[]) AS read
    ON CONFLICT (organization_id, artifact_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _KEPT)}
 WHERE known.organization_id = $1
"""  # noqa: S608 - composed of constants
_FORGET = """
DELETE FROM merged_work USING pull_request
 WHERE merged_work.organization_id = $1 AND pull_request.organization_id = $1
   AND pull_request.artifact_id = merged_work.artifact_id
   AND (pull_request.state <> 'merged' OR pull_request.merged_at < $2::date::timestamp AT TIME ZONE 'UTC')
"""
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


class Made(NamedTuple):
    """Output tokens of a pull request, and what most of its tokens were spent with, by the names of USED."""

    output: int | None
    used: tuple[str | None, ...]


async def load(tenant: Tenant, weeks: Weeks) -> MergedWork:
    """Load the pull requests of these weeks; those of bots do not count."""
    rows = await tenant.fetch(_WORK, weeks.first, weeks.last + WEEK_DAYS, REVERTED_WITHIN, RIPENS)
    sizes = {row["team_id"]: row["size"] for row in await tenant.fetch(_TEAM_SIZES)}
    made = {
        row["artifact_id"]: Made(row["output_tokens"], tuple(row[name] for name in USED))
        for row in rows
        if row["output_tokens"] is not None
    }
    changed = sorted(
        (row for row in rows if row["artifact_id"] not in made), key=lambda row: (row["team_id"], row["merged_at"])
    )
    # Neither compiling nor reading the whole ledger pays for the days of few pull requests.
    async with tenant.planner(enable_seqscan="off", jit="off"):
        for start in range(0, len(changed), PULL_REQUESTS):
            made |= await _read(tenant, changed[start : start + PULL_REQUESTS])
    await tenant.execute(_FORGET, weeks.first)
    return await asyncio.to_thread(_work, rows, sizes, made, weeks.first)


async def _read(tenant: Tenant, rows: Sequence[Record]) -> dict[bytes, Made]:
    """Read what these pull requests were made with, and keep it beside the sums that it belongs to."""
    spent = {row["artifact_id"]: Spent() for row in rows}
    for row in await tenant.fetch(_SPENT, list(spent)):
        spent[row["artifact_id"]].add(row)
    made = {key: Made(each.output, tuple(each.most(name) for name in USED)) for key, each in spent.items()}
    kept = [
        (row["artifact_id"], *(row[name] for name in _KEPT[:3]), found.output, *found.used)
        for row in rows
        if row["tokens"] is not None
        for found in [made[row["artifact_id"]]]
    ]
    if kept:
        await tenant.execute(_KEEP, *rows_as_columns(sorted(kept)))
    return made


def _work(
    rows: Sequence[Record], sizes: Mapping[int, int | None], made: Mapping[bytes, Made], first: date
) -> MergedWork:
    on = [made[row["artifact_id"]] for row in rows]
    four_weeks = PERIOD_WEEKS * WEEK_DAYS
    return MergedWork(
        team=np.array([row["team_id"] for row in rows], dtype=np.int64),
        period=np.array([(row["merged_at"].date() - first) // four_weeks for row in rows], dtype=np.int64),
        people=_numbers(sizes[row["team_id"]] for row in rows),
        lines=_numbers(row["changed_lines"] for row in rows),
        output=_numbers(each.output for each in on),
        made_with={name: tuple(each.used[place] for each in on) for place, name in enumerate(USED)},
        counted={name: _numbers(row[name] for row in rows) for name in COUNTED},
    )


def _numbers(values: Iterable[int | None]) -> Real:
    """Return numbers, NaN where unknown."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
