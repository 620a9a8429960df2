"""How often the pull requests merged in a period were reworked."""

from datetime import date
from typing import NamedTuple

from schema.database import Tenant
from schema.team_of import TEAM_OF_PULL_REQUEST

_SUMS = f"""
    SELECT coalesce(is_bot, false) AS is_bot, count(*) AS pull_requests,
           coalesce(sum(outcome.pushes_after_opening), 0)::bigint AS pushes_after_opening,
           coalesce(sum(outcome.review_rounds), 0)::bigint AS review_rounds,
           count(*) FILTER (WHERE outcome.reverted_at < merged_at + interval '14 days') AS reverted,
           count(*) FILTER (WHERE outcome.fix_released_at IS NOT NULL) AS fix_released
    FROM pull_request
    JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
    LEFT JOIN outcome ON outcome.organization_id = $1 AND outcome.artifact_id = pull_request.artifact_id
    WHERE pull_request.organization_id = $1 AND pull_request.state = 'merged'
      AND merged_at >= $2::date::timestamp AT TIME ZONE 'UTC'
      AND merged_at < ($3::date + 1)::timestamp AT TIME ZONE 'UTC'
      AND ($4::bigint IS NULL OR {TEAM_OF_PULL_REQUEST} = $4)
    GROUP BY 1
"""  # noqa: S608 - composed of constants


class Reworked(NamedTuple):
    """Merged pull requests and how often they were reworked."""

    pull_requests: int = 0
    pushes_after_opening: int = 0
    review_rounds: int = 0
    reverted: int = 0
    fix_released: int = 0


async def read_reworked(tenant: Tenant, first_day: date, last_day: date, team_id: int | None) -> dict[bool, Reworked]:
    """Return the sums of inclusive UTC days, by whether bots were the authors."""
    rows = await tenant.fetch(_SUMS, first_day, last_day, team_id)
    return {row["is_bot"]: Reworked(*(row[name] for name in Reworked._fields)) for row in rows}
