"""Which team repositories belong to: given to it, all along or from an instant on, and taken back."""

from collections.abc import Sequence
from datetime import datetime

from schema.database import Tenant
from schema.errors import BadInputError
from schema.identifiers import Hasher, RepositoryName
from schema.kinds import TeamChangeKind
from service.queries.forge.repositories import find_repository
from service.queries.teams.team_changes import ALL_ALONG, held_by, store_changes, store_unknown_repository
from service.queries.teams.teams import default_team

_FORGE_OF_HOST = "SELECT forge FROM connection WHERE organization_id = $1 AND host = $2 LIMIT 1"


async def give_repositories(
    tenant: Tenant, hasher: Hasher, team_id: int, names: Sequence[RepositoryName], since: datetime = ALL_ALONG
) -> None:
    """Let repositories, known or not yet, belong to a team from an instant on."""
    known = []
    for name in sorted(set(names), key=str):
        repository_id = await find_repository(tenant, hasher, name)
        if repository_id is not None:
            known.append(repository_id)
        else:
            by_name, forge = hasher.repository_by_name(name), await forge_of_host(tenant, name.host)
            await store_unknown_repository(tenant, by_name, team_id, since, forge=forge, label=str(name))
    await store_changes(tenant, TeamChangeKind.REPOSITORY, known, team_id, since)


async def take_repositories(
    tenant: Tenant, hasher: Hasher, team_id: int, names: Sequence[RepositoryName], since: datetime = ALL_ALONG
) -> None:
    """Give repositories of a team back to the default team; raises BadInputError for one that is not the team's."""
    heir = await default_team(tenant)
    for index, name in enumerate(names):
        by_name, known = hasher.repository_by_name(name), await find_repository(tenant, hasher, name)
        if not await held_by(tenant, TeamChangeKind.REPOSITORY, team_id, [known or by_name]):
            raise BadInputError("does not belong to this team", field=f"remove_repositories[{index}]")
        if known is not None:
            await store_changes(tenant, TeamChangeKind.REPOSITORY, [known], heir, since)
        else:
            forge = await forge_of_host(tenant, name.host)
            await store_unknown_repository(tenant, by_name, heir, since, forge=forge, label=str(name))


async def forge_of_host(tenant: Tenant, host: str) -> str:
    """The forge that a host runs: as its connections say, else GitLab where its name says so, else GitHub."""
    known: str | None = await tenant.fetchval(_FORGE_OF_HOST, host)
    return known or ("gitlab" if "gitlab" in host else "github")
