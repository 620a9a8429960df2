"""Weekly rollups of a team: merges, their cost, and tokens received."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import asyncpg

from schema.database import Tenant, rows_as_columns
from service.queries.ledger.received import UNSUMMED
from service.queries.ledger.spend import SPEND_COLUMNS

POOLED_COLUMNS = ("repository_tokens", "cohort_tokens")
_SPENT = ", ".join(f"coalesce(summed.{column}, 0) AS {column}" for column in (*SPEND_COLUMNS, *POOLED_COLUMNS))

# The limits force one look-up by key after another: under row-level security the planner misestimates and would choose
# another order. A team without data in these weeks has one row without a week.
_WEEKS = f"""
    SELECT wanted.position, team.team_id, team.size,
           EXISTS (SELECT FROM team AS other CROSS JOIN LATERAL (
                       SELECT FROM merged_week WHERE organization_id = $1 AND merged_week.team_id = other.team_id
                       AND (merged_pull_requests > 0 OR received_tokens > 0) LIMIT 1) AS active
                   WHERE other.organization_id = $1 AND other.team_id <> team.team_id) AS has_others,
           team.is_stale, weeks.*
    FROM unnest($2::text[], $3::date[], $4::date[]) WITH ORDINALITY AS wanted (name, first_week, last_day, position)
    CROSS JOIN LATERAL (
        SELECT team_id, size,
               EXISTS (SELECT FROM stale_week WHERE organization_id = $1 AND stale_week.team_id = named.team_id
                       AND week BETWEEN wanted.first_week AND wanted.last_day) AS is_stale
        FROM team AS named WHERE organization_id = $1 AND name = wanted.name LIMIT 1
    ) AS team
    LEFT JOIN LATERAL (
        SELECT week, coalesce(summed.merged_pull_requests, 0) AS merged_pull_requests, {_SPENT},
               coalesce(summed.received_tokens, 0) + coalesce(unsummed.tokens, 0) AS received
        FROM (
            SELECT * FROM merged_week
            WHERE organization_id = $1 AND merged_week.team_id = team.team_id
              AND week BETWEEN wanted.first_week AND wanted.last_day
              AND (merged_pull_requests > 0 OR received_tokens IS NOT NULL)
        ) AS summed
        FULL JOIN (
            SELECT wanted.first_week + (day - wanted.first_week) / 7 * 7 AS week, sum(tokens)::bigint AS tokens
            FROM {UNSUMMED} AS day_of_team
            WHERE day_of_team.team_id = team.team_id AND day BETWEEN wanted.first_week AND wanted.last_day
            GROUP BY 1
        ) AS unsummed USING (week)
        ORDER BY week
    ) AS weeks ON true
"""  # noqa: S608 - composed of constants


class TeamWeeks(NamedTuple):
    """Weeks of a team, from a Monday to `last_day`, which must be a Sunday or not before today."""

    team: str
    first_week: date
    last_day: date


async def read_weeks(tenant: Tenant, wanted: Sequence[TeamWeeks]) -> list[list[asyncpg.Record]]:
    """Return for each element the weeks in which something was merged or received, oldest first.

    The list is empty for an unknown team. A row has team_id, size, has_others (other teams have data), is_stale (the
    rollup is not complete, so do not show these rows), week, merged_pull_requests, the token kinds, cost_nano_usd,
    repository_tokens and cohort_tokens (split by that evidence), and received (tokens). A team without data has a
    single row, whose week is null.
    """
    found: list[list[asyncpg.Record]] = [[] for _ in wanted]
    for row in await tenant.fetch(_WEEKS, *rows_as_columns(list(wanted))):
        found[row["position"] - 1].append(row)
    return found
