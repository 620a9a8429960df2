"""Removal of teams: everything moves to another team, except past spend."""

from datetime import datetime

from schema.database import Tenant
from schema.kinds import TeamChangeKind
from service.errors import ConflictError
from service.queries.teams.team_changes import store_changes, store_removal, subjects_of_team

# Keys and accounts that would keep adding tokens to the team.
_HOLDERS = """
    SELECT (SELECT count(*) FROM api_key WHERE organization_id = $1 AND team_id = $2 AND revoked_at IS NULL) AS keys,
           (SELECT count(*) FROM provider_account WHERE organization_id = $1 AND team_id = $2)
           + (SELECT count(*) FROM account_member WHERE organization_id = $1 AND team_id = $2) AS accounts
"""

_GIVE_TELEMETRY = "UPDATE team_telemetry SET team_id = $3 WHERE organization_id = $1 AND team_id = $2"

_GIVE_FORGE_TEAMS = "UPDATE forge_team SET team_id = $3 WHERE organization_id = $1 AND team_id = $2"

_GIVE_NAME = """
    INSERT INTO team_telemetry (organization_id, telemetry_id, team_id)
    SELECT $1::bigint, name, $3::bigint FROM team WHERE organization_id = $1 AND team_id = $2
    ON CONFLICT (organization_id, telemetry_id) DO UPDATE SET team_id = excluded.team_id
"""

_REMOVE = "UPDATE team SET removed_at = now() WHERE organization_id = $1 AND team_id = $2 AND removed_at IS NULL"


async def remove_team(tenant: Tenant, team_id: int, into: int, since: datetime) -> None:
    """Move everything of a team to another: telemetry, teams at forges and the name now, the rest by a worker.

    Repositories move at `since`. The worker deletes the team unless it spent or merged anything. Raises ConflictError
    if a key or a provider account belongs to the team.
    """
    holders = await tenant.fetchrow(_HOLDERS, team_id)
    if holders["keys"]:
        raise ConflictError("has API keys that are pinned to it; revoke them first: shipledger key list", field="team")
    if holders["accounts"]:
        raise ConflictError("has provider accounts; remove them first: shipledger provider-account list", field="team")
    repositories = await subjects_of_team(tenant, TeamChangeKind.REPOSITORY, team_id)
    await store_changes(tenant, TeamChangeKind.REPOSITORY, repositories, into, since)
    owners = await subjects_of_team(tenant, TeamChangeKind.CODE_OWNER, team_id)
    await store_changes(tenant, TeamChangeKind.CODE_OWNER, owners, into)
    await store_removal(tenant, team_id, into, since)
    await tenant.execute(_GIVE_FORGE_TEAMS, team_id, into)
    await tenant.execute(_GIVE_TELEMETRY, team_id, into)
    await tenant.execute(_GIVE_NAME, team_id, into)
    await tenant.execute(_REMOVE, team_id)
