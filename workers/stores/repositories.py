"""Repositories as deliveries tell of them: one artifact each, whatever they are called."""

from dataclasses import dataclass, field
from datetime import timedelta

from schema.database import Connection
from schema.identifiers import Hasher, RepositoryName
from schema.repositories import find_repository, resolve_repository
from schema.trunks import Trunk
from workers.forge_events.facts import NamingFacts, RepositoryFacts
from workers.stores.touched import Touched

# Only the newest word counts: by now the repository is named as of the newest time that was told of it.
_SET_DEFAULT_BRANCH = """
WITH before AS (
    SELECT default_branch FROM repository WHERE organization_id = $1 AND artifact_id = $2
)
UPDATE repository SET default_branch = $3 FROM before
 WHERE repository.organization_id = $1 AND repository.artifact_id = $2
   AND repository.default_branch IS DISTINCT FROM $3
   AND (repository.default_branch IS NULL OR repository.named_at <= $4)
RETURNING before.default_branch
"""

_SHOWS_LABELS = "SELECT show_labels FROM organization WHERE organization_id = $1"


@dataclass(frozen=True, slots=True)
class ForgeScope:
    """One organization's transaction, the hasher of its names, and what a delivery changed so far."""

    connection: Connection
    organization_id: int
    hasher: Hasher
    forge: str
    touched: Touched = field(default_factory=Touched)

    async def label(self, name: RepositoryName, rest: str) -> str | None:
        """`name#123` or `name@tag`, where the organization wants to read names."""
        shows: bool = await self.connection.fetchval(_SHOWS_LABELS, self.organization_id)
        return f"{name.path}{rest}".replace("\0", "") if shows else None


async def repository_id(scope: ForgeScope, told: RepositoryFacts) -> bytes:
    """The artifact of a repository, made when it was never seen."""
    known = await find_repository(scope.connection, scope.organization_id, scope.hasher, told.name)
    anchor = await resolve_repository(
        scope.connection,
        scope.organization_id,
        scope.hasher,
        forge=scope.forge,
        name=told.name,
        forge_id=told.forge_id,
        seen_at=told.seen_at,
    )
    if known != anchor:
        scope.touched.names.add(scope.hasher.repository_by_name(told.name))
    if told.default_branch is not None:
        await _set_default_branch(scope, anchor, told)
    return anchor


async def _set_default_branch(scope: ForgeScope, anchor: bytes, told: RepositoryFacts) -> None:
    branch = scope.hasher.branch(told.default_branch or "")
    changed = await scope.connection.fetch(_SET_DEFAULT_BRANCH, scope.organization_id, anchor, branch, told.seen_at)
    for row in changed:
        scope.touched.trunks.update(Trunk(anchor, each) for each in (row["default_branch"], branch) if each is not None)


async def store_naming(scope: ForgeScope, told: NamingFacts) -> None:
    """Remember the former names first, so that the present one is the newest."""
    repository = told.repository
    for name in told.former:
        before = repository.seen_at - timedelta(microseconds=1)
        await repository_id(scope, RepositoryFacts(name, repository.forge_id, before))
    await repository_id(scope, repository)
