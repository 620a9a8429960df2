"""A team is removed: what it has goes to another, and what it spent stays its own."""

from datetime import datetime

import asyncpg

from schema.database import Connection
from schema.errors import ConflictError
from schema.repository_teams import give, hold_repositories
from service.queries.forge.code_owners import let_mean
from service.queries.teams.author_teams import move_authors_team

# Whatever would go on bringing tokens to the team.
_HOLDERS = """
    SELECT (SELECT count(*) FROM api_key WHERE organization_id = $1 AND team_id = $2 AND revoked_at IS NULL) AS keys,
           (SELECT count(*) FROM provider_account WHERE organization_id = $1 AND team_id = $2)
           + (SELECT count(*) FROM account_member WHERE organization_id = $1 AND team_id = $2) AS accounts
"""

_REPOSITORIES = "SELECT artifact_id FROM repository WHERE organization_id = $1 AND team_id = $2 ORDER BY artifact_id"

_OWNERS = "SELECT owner FROM code_owner WHERE organization_id = $1 AND team_id = $2 ORDER BY owner"

_GIVE_TELEMETRY = "UPDATE team_telemetry SET team_id = $3 WHERE organization_id = $1 AND team_id = $2"

_GIVE_FORGE_TEAMS = "UPDATE forge_team SET team_id = $3 WHERE organization_id = $1 AND team_id = $2"

_GIVE_NAME = """
    INSERT INTO team_telemetry (organization_id, telemetry_id, team_id)
    SELECT $1::bigint, name, $3::bigint FROM team WHERE organization_id = $1 AND team_id = $2
    ON CONFLICT (organization_id, telemetry_id) DO UPDATE SET team_id = excluded.team_id
"""

# Nothing is left to sum of a team that had nothing.
_FORGET_WEEKS = "DELETE FROM stale_week WHERE organization_id = $1 AND team_id = $2"

_DELETE = "DELETE FROM team WHERE organization_id = $1 AND team_id = $2"

_REMOVE = "UPDATE team SET removed_at = now() WHERE organization_id = $1 AND team_id = $2 AND removed_at IS NULL"


async def remove_team(connection: Connection, organization_id: int, team_id: int, into: int, since: datetime) -> bool:
    """Give all that a team has to another: repositories, telemetry, teams at forges, name; True with days to settle.

    Repositories change hands at `since`, telemetry now. The team itself is deleted unless something was spent or merged
    in its name. Raises ConflictError while a key or a provider account is the team's.
    """
    held = await connection.fetchrow(_HOLDERS, organization_id, team_id)
    if held["keys"]:
        raise ConflictError("has API keys that are pinned to it; revoke them first: shipledger key list", field="team")
    if held["accounts"]:
        raise ConflictError("has provider accounts; remove them first: shipledger provider-account list", field="team")
    marked = False
    had = [row["artifact_id"] for row in await connection.fetch(_REPOSITORIES, organization_id, team_id)]
    await hold_repositories(connection, organization_id, had)
    for repository_id in had:
        marked |= await give(connection, organization_id, into, repository_id, since)
    owners = [row["owner"] for row in await connection.fetch(_OWNERS, organization_id, team_id)]
    marked |= await let_mean(connection, organization_id, owners, into)
    marked |= await move_authors_team(connection, organization_id, team_id, into, since)
    await connection.execute(_GIVE_FORGE_TEAMS, organization_id, team_id, into)
    await connection.execute(_GIVE_TELEMETRY, organization_id, team_id, into)
    await connection.execute(_GIVE_NAME, organization_id, team_id, into)
    try:
        async with connection.transaction():
            await connection.execute(_FORGET_WEEKS, organization_id, team_id)
            await connection.execute(_DELETE, organization_id, team_id)
    except asyncpg.ForeignKeyViolationError:
        await connection.execute(_REMOVE, organization_id, team_id)
    return marked
