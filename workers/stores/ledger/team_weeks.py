"""The full weeks of an organization's teams, as the statistics study them."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple, Self

import numpy as np
from asyncpg import Record

from schema.database import Tenant
from vocabulary.spend_cuts import OF_MODELS, cut_name
from vocabulary.tokens import TOKEN_KINDS
from workers.statistics.arrays import Real
from workers.statistics.history import History
from workers.statistics.verdict import Outcome
from workers.stores.ledger.invalidate_weeks import TEAM_OF_MERGED, WEEK

WEEK_DAYS = timedelta(weeks=1)
# What is merged has this time to be released and to be reverted, so the weeks after it are not studied yet.
RIPENS = timedelta(weeks=4)
LONGEST = timedelta(weeks=104)

_TEAMS = "SELECT team_id, size FROM team WHERE organization_id = $1 ORDER BY team_id"

_FIRST_TOKENS = """
SELECT min(week) FROM merged_week
 WHERE organization_id = $1 AND week BETWEEN $2 AND $3 AND received_tokens > 0
"""

_TOKENS = """
SELECT team_id, week, received_tokens AS amount FROM merged_week
 WHERE organization_id = $1 AND week BETWEEN $2 AND $3 AND received_tokens > 0
"""

# For one provider, the sums of all teams stand together by week.
_MODELS = f"""
SELECT cell.first::bigint AS team_id, cell.second AS model, cell.period AS week,
       sum({" + ".join(f"cell.{kind}" for kind in TOKEN_KINDS)})::bigint AS amount
  FROM (SELECT DISTINCT first AS provider FROM spend_cut
         WHERE organization_id = $1 AND cut = 'provider' AND owner = '' AND grain = 'month') AS used
 CROSS JOIN LATERAL (
       SELECT * FROM spend_cut
        WHERE organization_id = $1 AND cut = '{cut_name(OF_MODELS)}' AND owner = used.provider AND grain = 'week'
          AND period BETWEEN $2 AND $3 OFFSET 0) AS cell
 GROUP BY 1, 2, 3
"""  # noqa: S608 - fixed names

_SHIPPED = f"""
SELECT team_id, week, count(*) AS merged, count(*) FILTER (WHERE released) AS released,
       count(*) FILTER (WHERE released AND NOT reverted) AS unreverted
  FROM (SELECT {TEAM_OF_MERGED} AS team_id, {WEEK.format("pull_request.merged_at")} AS week,
               EXISTS (SELECT 1 FROM release_pull_request AS shipped
                         JOIN release ON release.organization_id = $1 AND release.artifact_id = shipped.release_id
                        WHERE shipped.organization_id = $1 AND shipped.pull_request_id = pull_request.artifact_id
                          AND release.released_at < pull_request.merged_at + $4::interval) AS released,
               coalesce(outcome.reverted_at < pull_request.merged_at + $4::interval, false) AS reverted
          FROM pull_request
          JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
          JOIN team AS default_team ON default_team.organization_id = $1 AND default_team.is_default
          LEFT JOIN outcome ON outcome.organization_id = $1 AND outcome.artifact_id = pull_request.artifact_id
         WHERE pull_request.organization_id = $1 AND pull_request.state = 'merged'
           AND pull_request.merged_at >= $2::date::timestamp AT TIME ZONE 'UTC'
           AND pull_request.merged_at < ($3::date + 7)::timestamp AT TIME ZONE 'UTC'
           AND pull_request.is_bot IS NOT TRUE) AS merged
 GROUP BY team_id, week
"""  # noqa: S608 - composed of constants


class Weeks(NamedTuple):
    """The studied weeks, by their Mondays (both inclusive)."""

    first: date
    last: date


def last_week(today: date) -> date:
    """Return the Monday of the last full week whose pull requests had time to be released and reverted."""
    return today - timedelta(days=today.weekday()) - WEEK_DAYS - RIPENS


async def find_weeks(tenant: Tenant, today: date) -> Weeks | None:
    """Return the weeks since tokens are known, at most two years; None if no tokens are known early enough."""
    last = last_week(today)
    first = await tenant.fetchval(_FIRST_TOKENS, last - LONGEST + WEEK_DAYS, last)
    return Weeks(first, last) if first else None


async def load(tenant: Tenant, weeks: Weeks) -> History:
    """Load tokens, models and pull requests of all teams; those of bots do not count."""
    tokens = await tenant.fetch(_TOKENS, *weeks)
    shipped = await tenant.fetch(_SHIPPED, *weeks, RIPENS)
    models = await tenant.fetch(_MODELS, *weeks)
    # Last, so that the rows name no team that was made meanwhile.
    teams = await tenant.fetch(_TEAMS)
    # In a thread, because years of many teams would block the worker's other jobs.
    return await asyncio.to_thread(_history, _Shape.of(teams, weeks), teams, tokens, shipped, models)


def _history(
    shape: "_Shape",
    teams: Sequence[Record],
    tokens: Sequence[Record],
    shipped: Sequence[Record],
    models: Sequence[Record],
) -> History:
    outcomes: dict[Outcome, Real] = {Outcome.TOKENS: shape.table(tokens, "amount")}
    outcomes |= {each: shape.table(shipped, each) for each in Outcome if each is not Outcome.TOKENS}
    by_model = defaultdict(list)
    for row in models:
        by_model[row["model"]].append(row)
    return History(
        people=np.array([np.nan if row["size"] is None else row["size"] for row in teams], dtype=np.float64),
        outcomes=outcomes,
        models={model: shape.table(rows, "amount") for model, rows in by_model.items()},
        teams=tuple(row["team_id"] for row in teams),
    )


class _Shape(NamedTuple):
    """The place of each team, and the weeks."""

    places: dict[int, int]
    weeks: Weeks

    @classmethod
    def of(cls, teams: Sequence[Record], weeks: Weeks) -> Self:
        """Return the shape of the tables of some teams."""
        return cls({row["team_id"]: place for place, row in enumerate(teams)}, weeks)

    def table(self, rows: Sequence[Record], column: str) -> Real:
        """Return a column of rows by team and week (teams, weeks), 0 for missing rows."""
        count = (self.weeks.last - self.weeks.first) // WEEK_DAYS + 1
        table = np.zeros((len(self.places), count))
        for row in rows:
            table[self.places[row["team_id"]], (row["week"] - self.weeks.first) // WEEK_DAYS] += row[column]
        return table
