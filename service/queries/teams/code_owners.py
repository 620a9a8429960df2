"""Teams of the handles in CODEOWNERS files, which are stored as keyed hashes."""

from collections.abc import Sequence

from schema.database import Tenant
from schema.errors import BadInputError
from schema.identifiers import Hasher
from schema.kinds import TeamChangeKind
from service.queries.teams.team_changes import store_changes, subjects_of_team


async def assign_code_owners(tenant: Tenant, hasher: Hasher, team_id: int, handles: Sequence[str]) -> None:
    """Assign handles to a team, for all time."""
    owners = [hasher.code_owner(handle) for handle in handles]
    await store_changes(tenant, TeamChangeKind.CODE_OWNER, owners, team_id)


async def remove_code_owners(tenant: Tenant, hasher: Hasher, team_id: int, handles: Sequence[str]) -> None:
    """Remove handles from a team; raises BadInputError for a handle that does not belong to it."""
    hashes = [hasher.code_owner(handle) for handle in handles]
    owned = await subjects_of_team(tenant, TeamChangeKind.CODE_OWNER, team_id, hashes)
    for index, owner in enumerate(hashes):
        if owner not in owned:
            raise BadInputError("does not belong to this team", field=f"remove_code_owners[{index}]")
    await store_changes(tenant, TeamChangeKind.CODE_OWNER, hashes, None)
