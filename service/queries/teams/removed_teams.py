"""A team is removed: what it has goes to another, and what it spent stays its own."""

from datetime import datetime

import asyncpg

from schema.database import Tenant
from schema.errors import ConflictError
from service.queries.forge.code_owners import let_mean
from service.queries.teams.author_teams import move_authors_team
from workers.stores.teams.repository_teams import give, hold_repositories

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


async def remove_team(tenant: Tenant, team_id: int, into: int, since: datetime) -> bool:
    """Give all that a team has to another: repositories, telemetry, teams at forges, name; True with days to settle.

    Repositories change hands at `since`, telemetry now. The team itself is deleted unless something was spent or merged
    in its name. Raises ConflictError while a key or a provider account is the team's.
    """
    held = await tenant.fetchrow(_HOLDERS, team_id)
    if held["keys"]:
        raise ConflictError("has API keys that are pinned to it; revoke them first: shipledger key list", field="team")
    if held["accounts"]:
        raise ConflictError("has provider accounts; remove them first: shipledger provider-account list", field="team")
    marked = False
    had = [row["artifact_id"] for row in await tenant.fetch(_REPOSITORIES, team_id)]
    await hold_repositories(tenant, had)
    for repository_id in had:
        marked |= await give(tenant, into, repository_id, since)
    owners = [row["owner"] for row in await tenant.fetch(_OWNERS, team_id)]
    marked |= await let_mean(tenant, owners, into)
    marked |= await move_authors_team(tenant, team_id, into, since)
    await tenant.execute(_GIVE_FORGE_TEAMS, team_id, into)
    await tenant.execute(_GIVE_TELEMETRY, team_id, into)
    await tenant.execute(_GIVE_NAME, team_id, into)
    try:
        async with tenant.transaction():
            await tenant.execute(_FORGET_WEEKS, team_id)
            await tenant.execute(_DELETE, team_id)
    except asyncpg.ForeignKeyViolationError:
        await tenant.execute(_REMOVE, team_id)
    return marked
