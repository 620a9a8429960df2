"""Assignment of repositories to teams, for all time or from a time on."""

from collections.abc import Sequence
from datetime import datetime

from schema.database import Tenant
from schema.errors import BadInputError
from schema.identifiers import Hasher, RepositoryName
from schema.kinds import TeamChangeKind
from service.queries.forge.repositories import find_repository
from service.queries.teams.team_changes import (
    FOR_ALL_TIME,
    store_changes,
    store_unknown_repository,
    subjects_of_team,
)
from service.queries.teams.teams import default_team

_FORGE_OF_HOST = "SELECT forge FROM connection WHERE organization_id = $1 AND host = $2 LIMIT 1"


async def assign_repositories(
    tenant: Tenant, hasher: Hasher, team_id: int, names: Sequence[RepositoryName], since: datetime = FOR_ALL_TIME
) -> None:
    """Assign repositories, known or not, to a team from `since` on."""
    known = []
    for name in sorted(set(names), key=str):
        repository_id = await find_repository(tenant, hasher, name)
        if repository_id is not None:
            known.append(repository_id)
        else:
            by_name, forge = hasher.repository_by_name(name), await forge_of_host(tenant, name.host)
            await store_unknown_repository(tenant, by_name, team_id, since, forge=forge, label=str(name))
    await store_changes(tenant, TeamChangeKind.REPOSITORY, known, team_id, since)


async def remove_repositories(
    tenant: Tenant, hasher: Hasher, team_id: int, names: Sequence[RepositoryName], since: datetime = FOR_ALL_TIME
) -> None:
    """Return a team's repositories to the default team; raises BadInputError for a repository of another team."""
    heir = await default_team(tenant)
    for index, name in enumerate(names):
        by_name, known = hasher.repository_by_name(name), await find_repository(tenant, hasher, name)
        if not await subjects_of_team(tenant, TeamChangeKind.REPOSITORY, team_id, [known or by_name]):
            raise BadInputError("does not belong to this team", field=f"remove_repositories[{index}]")
        if known is not None:
            await store_changes(tenant, TeamChangeKind.REPOSITORY, [known], heir, since)
        else:
            forge = await forge_of_host(tenant, name.host)
            await store_unknown_repository(tenant, by_name, heir, since, forge=forge, label=str(name))


async def forge_of_host(tenant: Tenant, host: str) -> str:
    """Return the forge of a host: from its connections, otherwise GitLab if its name contains gitlab, else GitHub."""
    known: str | None = await tenant.fetchval(_FORGE_OF_HOST, host)
    return known or ("gitlab" if "gitlab" in host else "github")
