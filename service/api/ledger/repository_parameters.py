"""The parameters that name a repository, and why a question about one of its artifacts has no answer."""

from typing import Annotated, TypeAlias

from litestar.params import QueryParameter

from schema.database import Tenant
from schema.errors import BadInputError
from schema.identifiers import DEFAULT_HOSTS, Hasher, RepositoryName, parse_repository
from service.queries.forge.repositories import find_repository
from vocabulary.forge import Forge

ForgeOfRepository: TypeAlias = Annotated[
    Forge | None,
    QueryParameter(description="Forge whose host is meant if `repository` names none (default: github)"),
]
Repository: TypeAlias = Annotated[
    str | None, QueryParameter(description="Repository: host/owner/name, owner/name or clone URL")
]


def read_repository_name(forge: Forge | None, repository: str | None) -> RepositoryName | None:
    """Return the repository that the parameters name, None without one.

    Raises BadInputError for a malformed name, a forge without a repository, and a forge that contradicts its host.
    """
    if repository is None:
        if forge is not None:
            raise BadInputError(
                "is missing; add the repository whose forge this is, or leave out forge", field="repository"
            )
        return None
    name = parse_repository(repository, DEFAULT_HOSTS[forge or "github"])
    if forge and any(name.host == host for other, host in DEFAULT_HOSTS.items() if other != forge):
        raise BadInputError(f"contradicts the host of the repository, which is {name.host}", field="forge")
    return name


async def find_named(tenant: Tenant, hasher: Hasher, name: RepositoryName | None) -> bytes | None:
    """Return the artifact id of a repository; None if it is unknown or not given."""
    return None if name is None else await find_repository(tenant, hasher, name)


def explain_unknown(name: RepositoryName, artifact: str | None, *, is_known: bool) -> str:
    """Say why nothing was found in a repository; `artifact` is what was asked for, such as `pull request 7`."""
    if not is_known:
        return (
            f"The repository {name} is unknown. Connect its forge, or import a clone of it with: "
            "shipledger import git PATH"
        )
    return f"The repository {name} is known, but it has no {artifact or 'item that matches all parameters'}."
