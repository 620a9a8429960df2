"""Settled data of a period: teams, days, and tokens by pull request."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from schema.database import Tenant
from workers.stores.ledger.invalidate_days import share_settlements

_TEAMS = """
SELECT team.team_id, team.name FROM team
 WHERE organization_id = $1 AND EXISTS (
       SELECT FROM settlement
        WHERE settlement.organization_id = $1 AND settlement.team_id = team.team_id
          AND day BETWEEN $2 AND $3 AND settled_at IS NOT NULL)
 ORDER BY team.name
"""

# Waits for days that a worker is settling.
_LOCK_DAYS = """
SELECT day FROM settlement
 WHERE organization_id = $1 AND team_id = $2 AND day BETWEEN $3 AND $4 AND settled_at IS NOT NULL
 ORDER BY day FOR UPDATE
"""

_TOKENS = """
SELECT artifact_id,
       sum(input_uncached + cache_read + cache_write + output_visible + output_reasoning)::bigint AS tokens
  FROM attribution_rollup
 WHERE organization_id = $1 AND team_id = $2 AND day = ANY($3::date[])
 GROUP BY artifact_id
"""

_STATES = "SELECT artifact_id, state FROM pull_request WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])"


class Team(NamedTuple):
    """A team and its name."""

    team_id: int
    name: str


async def find_teams(tenant: Tenant, first: date, last: date) -> list[Team]:
    """Return teams with settled days between these, inclusive."""
    return [Team(**row) for row in await tenant.fetch(_TEAMS, first, last)]


async def lock_days(tenant: Tenant, team_id: int, first: date, last: date) -> list[date]:
    """Return a team's settled days between these, inclusive, locked against settling until the transaction ends."""
    await share_settlements(tenant)
    return [row["day"] for row in await tenant.fetch(_LOCK_DAYS, team_id, first, last)]


async def read_tokens(tenant: Tenant, team_id: int, days: Sequence[date]) -> dict[bytes, int]:
    """Return the team's settled tokens of these days by artifact id."""
    rows = await tenant.fetch(_TOKENS, team_id, list(days))
    return {row["artifact_id"]: row["tokens"] for row in rows}


async def read_states(tenant: Tenant, artifact_ids: Collection[bytes]) -> dict[bytes, str]:
    """Return the states of those ids that are pull requests."""
    rows = await tenant.fetch(_STATES, list(artifact_ids))
    return {row["artifact_id"]: row["state"] for row in rows}
