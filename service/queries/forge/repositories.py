"""Repositories, found by their names."""

from schema.database import Tenant
from schema.identifiers import Hasher, RepositoryName

_FIND = """
    SELECT artifact_id FROM artifact_alias WHERE organization_id = $1 AND kind = 'repository' AND alias = $2
"""


async def find_repository(tenant: Tenant, hasher: Hasher, name: RepositoryName) -> bytes | None:
    """Return the artifact id of the repository of this name, or None."""
    artifact_id: bytes | None = await tenant.fetchval(_FIND, hasher.repository_by_name(name))
    return artifact_id
