"""Set-up: what an organization has connected so far, and the last day with data."""

from datetime import date
from typing import NamedTuple

from schema.database import Tenant

SET_UP = """
    SELECT (SELECT count(*) FROM connection WHERE organization_id = $1 AND state = 'active') AS connections,
           (SELECT count(*) FROM connection
            WHERE organization_id = $1 AND state = 'active' AND last_delivery_at IS NULL) AS silent_connections,
           (SELECT count(*) FROM pull_request WHERE organization_id = $1) AS pull_requests,
           (SELECT COALESCE(sum(requests), 0)::bigint FROM intake_total WHERE organization_id = $1) AS token_requests,
           GREATEST(
               (SELECT max(day) FROM intake_total WHERE organization_id = $1),
               (SELECT max(merged_at AT TIME ZONE 'UTC')::date FROM pull_request WHERE organization_id = $1)
           ) AS last_day
"""

# Only teams with tokens or repositories; others need no size yet.
TEAMS_WITHOUT_SIZE = """
    SELECT name
    FROM team
    WHERE organization_id = $1 AND size IS NULL AND removed_at IS NULL
      AND (EXISTS (SELECT FROM intake_total
                   WHERE intake_total.organization_id = $1 AND intake_total.team_id = team.team_id)
           OR EXISTS (SELECT FROM repository
                      WHERE repository.organization_id = $1 AND repository.team_id = team.team_id))
    ORDER BY name
"""


class SetUp(NamedTuple):
    """Counts of what is connected; `last_day` (UTC) is None without data."""

    connections: int
    pull_requests: int
    token_requests: int
    last_day: date | None
    teams_without_size: tuple[str, ...]
    silent_connections: int


async def read_set_up(tenant: Tenant) -> SetUp:
    """Read what the organization has connected."""
    row = await tenant.fetchrow(SET_UP)
    teams = await tenant.fetch(TEAMS_WITHOUT_SIZE)
    return SetUp(
        row["connections"],
        row["pull_requests"],
        row["token_requests"],
        row["last_day"],
        tuple(team["name"] for team in teams),
        row["silent_connections"],
    )
