"""The repository that an address limits a page to, by its name or its artifact id."""

from typing import Final

from schema.database import Tenant
from schema.errors import BadInputError, NotFoundError
from schema.identifiers import (
    ARTIFACT_PREFIX,
    DEFAULT_HOSTS,
    Hasher,
    RepositoryName,
    artifact_bytes,
    parse_repository,
)
from service.queries.artifacts.pull_request_lists import find_repositories

ID_LENGTH: Final = len(ARTIFACT_PREFIX) + 64


async def named_repositories(tenant: Tenant, hasher: Hasher, name: str) -> list[bytes] | None:
    """Return the artifact ids of `repository=`, None without it; raises NotFoundError for an unknown one."""
    if not name:
        return None
    known = repository_id(name)
    names = [hasher.repository_by_name(each) for each in repository_names(name)]
    found = [known] if known else await find_repositories(tenant, names)
    if not found:
        raise NotFoundError("must be a known repository: host/owner/name, or its artifact id", field="repository")
    return found


def repository_names(text: str) -> tuple[RepositoryName, ...]:
    """Return the repositories that a name may mean; empty for what cannot name one."""
    names = []
    for host in DEFAULT_HOSTS.values():
        try:
            names.append(parse_repository(text, host))
        except BadInputError:
            continue
    return tuple(dict.fromkeys(names))


def repository_id(text: str) -> bytes | None:
    """Return the repository's artifact id if the text is one."""
    return artifact_bytes(text) if text.startswith(ARTIFACT_PREFIX) and len(text) == ID_LENGTH else None
