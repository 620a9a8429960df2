"""Set-up: what an organization has connected so far, and its first figure. Reads few rows however many there are."""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from schema.database import Tenant

# More need not be counted to know that they arrive.
MOST_COUNTED = 1_000

SET_UP = """
    SELECT (SELECT count(*) FROM (SELECT FROM pull_request WHERE organization_id = $1 LIMIT $2) AS known)
               AS pull_requests,
           EXISTS (SELECT FROM intake_total WHERE organization_id = $1 AND requests > 0) AS has_requests,
           EXISTS (SELECT FROM bill WHERE organization_id = $1) AS has_bills,
           (SELECT count(*) FROM team WHERE organization_id = $1 AND removed_at IS NULL) AS teams,
           (SELECT count(*) FROM alert_channel WHERE organization_id = $1) AS channels
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

# An active connection is tried by its first delivery, and with a token or App also by listing repositories.
_CONNECTIONS = """
    SELECT connection.connection_id, connection.forge, connection.host, connection.last_delivery_at,
           connection.installation_id IS NOT NULL AS is_app, access.failure, access.succeeded_at,
           access.requested_at IS NOT NULL AS is_tried
    FROM connection
    LEFT JOIN repair_check AS access
      ON access.organization_id = $1 AND access.kind = 'access'
     AND access.subject_id IN (connection.connection_id, connection.registration_id)
    WHERE connection.organization_id = $1 AND connection.state = 'active'
    ORDER BY connection.last_delivery_at DESC NULLS LAST, connection.connection_id LIMIT $2
"""

_FIRST = """
    SELECT artifact_id FROM pull_request_spend
    WHERE organization_id = $1 AND state = 'merged' AND tokens > 0
    ORDER BY merged_at DESC LIMIT 1
"""


class SetUp(NamedTuple):
    """What is connected; `pull_requests` are counted up to MOST_COUNTED."""

    pull_requests: int
    has_requests: bool
    has_bills: bool
    teams: int
    channels: int
    teams_without_size: tuple[str, ...]


async def read_set_up(tenant: Tenant) -> SetUp:
    """Read what the organization has connected."""
    row = await tenant.fetchrow(SET_UP, MOST_COUNTED)
    teams = await tenant.fetch(TEAMS_WITHOUT_SIZE)
    return SetUp(**row, teams_without_size=tuple(team["name"] for team in teams))


async def read_trials(tenant: Tenant, limit: int) -> Sequence[asyncpg.Record]:
    """Return active connections to forges, the last heard first, and how trying them went.

    Columns: connection_id, forge, host, last_delivery_at, is_app, and of its access to the forge failure, succeeded_at
    and is_tried (it is being tried).
    """
    rows: Sequence[asyncpg.Record] = await tenant.fetch(_CONNECTIONS, limit)
    return rows


async def find_newest_figure(tenant: Tenant) -> bytes | None:
    """Return the last merged pull request with tokens; None if there is none yet."""
    artifact_id: bytes | None = await tenant.fetchval(_FIRST)
    return artifact_id
