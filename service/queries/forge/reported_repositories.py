"""Repositories that imports name: read, and turned into their artifacts once a bulk."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from schema.database import Tenant
from schema.errors import BadInputError
from schema.identifiers import DEFAULT_HOSTS, Hasher, RepositoryName, parse_repository
from schema.repositories import find_repository, resolve_repository

RepositoryKey: TypeAlias = tuple[str, RepositoryName, int | None]


class NamesRepository(Protocol):
    """What every imported item tells of its repository."""

    @property
    def forge(self) -> str:
        """The forge: github or gitlab."""

    @property
    def repository(self) -> str:
        """The name as people write it."""

    @property
    def repository_id(self) -> int | None:
        """The forge's numeric id."""


@dataclass(frozen=True, slots=True)
class ReportedRepository:
    """A repository as an item names it, at the time that the item speaks of."""

    forge: str
    name: RepositoryName
    forge_id: int | None
    seen_at: datetime

    @property
    def key(self) -> RepositoryKey:
        """What items of one repository have in common."""
        return self.forge, self.name, self.forge_id

    def label(self, rest: str) -> str:
        """`owner/name#123` or `owner/name@tag`, for organizations that want to read names."""
        return f"{self.name.path}{rest}".replace("\0", "")


@dataclass(frozen=True, slots=True)
class Anchors:
    """The artifact of each repository, and hashes of names that nobody had heard of before."""

    ids: dict[RepositoryKey, bytes] = field(default_factory=dict)
    new_names: list[bytes] = field(default_factory=list)


def read_repository(item: NamesRepository, index: int, seen_at: datetime) -> ReportedRepository:
    """The repository of the item at an index of a bulk; raises BadInputError naming it."""
    try:
        name = parse_repository(item.repository, DEFAULT_HOSTS[item.forge])
    except (BadInputError, ValueError) as error:
        detail = error.detail if isinstance(error, BadInputError) else "cannot be read; write host/owner/name"
        raise BadInputError(detail, field=f"items[{index}].repository") from error
    return ReportedRepository(item.forge, name, item.repository_id, seen_at)


async def resolve_all(tenant: Tenant, hasher: Hasher, reported: Sequence[ReportedRepository]) -> Anchors:
    """Each repository's artifact, made when it was never seen; a name counts as seen at its newest item."""
    newest: dict[RepositoryKey, ReportedRepository] = {}
    for repository in sorted(reported, key=lambda each: each.seen_at):
        newest[repository.key] = repository
    anchors = Anchors()
    # In one order, so that two bulks wait for each other instead of dead-locking.
    for repository in sorted(newest.values(), key=lambda each: (str(each.name), each.forge_id or 0)):
        known = await find_repository(tenant, hasher, repository.name)
        anchor = await resolve_repository(
            tenant,
            hasher,
            forge=repository.forge,
            name=repository.name,
            forge_id=repository.forge_id,
            seen_at=repository.seen_at,
        )
        if anchor != known:
            anchors.new_names.append(hasher.repository_by_name(repository.name))
        anchors.ids[repository.key] = anchor
    return anchors


async def shows_labels(tenant: Tenant) -> bool:
    """Whether the organization wants names to be readable."""
    return bool(await tenant.fetchval("SELECT show_labels FROM organization WHERE organization_id = $1"))
