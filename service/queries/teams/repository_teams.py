"""Whose pull requests a repository's are: given to a team, all along or from some day on, and taken back."""

from collections.abc import Sequence
from datetime import UTC, datetime

from schema.database import Tenant
from schema.errors import BadInputError
from schema.identifiers import Hasher, RepositoryName
from workers.stores.forge.repositories import find_repository, resolve_repository
from workers.stores.ledger.invalidate_days import invalidate_by_evidence
from workers.stores.teams.repository_teams import ALL_ALONG, give, hold, hold_repositories

# A name told by an administrator is no fact of a forge: whatever a forge says of it is newer.
BEFORE_ANY_FORGE = datetime(1970, 1, 1, tzinfo=UTC)

_FORGE_OF_HOST = "SELECT forge FROM connection WHERE organization_id = $1 AND host = $2 LIMIT 1"


async def give_repositories(
    tenant: Tenant, hasher: Hasher, team_id: int, names: Sequence[RepositoryName], since: datetime = ALL_ALONG
) -> bool:
    """Let repositories be a team's from an instant on, known or not yet; True when there are days to settle again."""
    given, new_names = [], []
    for name in sorted(set(names), key=str):
        repository_id = await find_repository(tenant, hasher, name)
        if repository_id is None:
            repository_id = await resolve_repository(
                tenant,
                hasher,
                forge=await forge_of_host(tenant, name.host),
                name=name,
                forge_id=None,
                seen_at=BEFORE_ANY_FORGE,
            )
            new_names.append(hasher.repository_by_name(name))
        given.append(repository_id)
    await hold_repositories(tenant, given)
    marked = False
    if new_names:
        marked = await invalidate_by_evidence(tenant, repositories=new_names)
    for repository_id in given:
        marked |= await give(tenant, team_id, repository_id, since)
    return marked


async def take_repositories(
    tenant: Tenant, hasher: Hasher, team_id: int, names: Sequence[RepositoryName], since: datetime = ALL_ALONG
) -> bool:
    """Give repositories of a team back to the default team; raises BadInputError for one that the team has not."""
    default_team_id: int = await tenant.fetchval("SELECT team_id FROM team WHERE organization_id = $1 AND is_default")
    marked = False
    for index, name in enumerate(names):
        repository_id = await find_repository(tenant, hasher, name)
        if repository_id is None or await hold(tenant, repository_id) != team_id:
            raise BadInputError("does not belong to this team", field=f"remove_repositories[{index}]")
        marked |= await give(tenant, default_team_id, repository_id, since)
    return marked


async def forge_of_host(tenant: Tenant, host: str) -> str:
    """The forge that a host runs: as its connections say, else GitLab where its name says so, else GitHub."""
    known: str | None = await tenant.fetchval(_FORGE_OF_HOST, host)
    return known or ("gitlab" if "gitlab" in host else "github")
