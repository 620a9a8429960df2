"""Which team the handles in CODEOWNERS files belong to; handles are kept as keyed hashes."""

from collections.abc import Sequence

from schema.code_ownership import hash_owner
from schema.database import Tenant
from schema.errors import BadInputError
from schema.identifiers import Hasher
from schema.kinds import TeamChangeKind
from service.queries.teams.team_changes import held_by, store_changes


async def give_code_owners(tenant: Tenant, hasher: Hasher, team_id: int, handles: Sequence[str]) -> None:
    """Let handles belong to a team, all along."""
    await store_changes(tenant, TeamChangeKind.CODE_OWNER, [hash_owner(hasher, each) for each in handles], team_id)


async def take_code_owners(tenant: Tenant, hasher: Hasher, team_id: int, handles: Sequence[str]) -> None:
    """Let handles of a team belong to none; raises BadInputError for one that does not belong to the team."""
    hashes = [hash_owner(hasher, each) for each in handles]
    owned = await held_by(tenant, TeamChangeKind.CODE_OWNER, team_id, hashes)
    for index, each in enumerate(hashes):
        if each not in owned:
            raise BadInputError("does not belong to this team", field=f"remove_code_owners[{index}]")
    await store_changes(tenant, TeamChangeKind.CODE_OWNER, hashes, None)
