"""The interface of forge clients: pages of facts and of repositories."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeAlias

from schema.kinds import BackfillStage
from workers.forge_access.listed import Listed
from workers.forge_events.model import Facts
from workers.forge_events.reading import Envelope, IncompletePayloadError, Json
from workers.forges.code import CodeClient
from workers.forges.release_lists import HistoryClient
from workers.forges.teams import TeamsClient

Reader: TypeAlias = Callable[[Json, Json, Envelope], Facts]


class RepositoryPage(NamedTuple):
    """Repositories and the cursor of the next page; None ends the list."""

    repositories: list[Listed]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class FactPage:
    """Facts of a page, the cursor of the next page (None ends the stage), and the number of items.

    `total` is the number of items in the whole stage, if the forge reports it.
    """

    facts: list[Facts]
    cursor: str | None
    items: int
    total: int | None = None


class ForgeClient(Protocol):
    """Blocking; call it from a thread. Methods raise ForgeError; TryLaterError carries the time to retry."""

    @property
    def history(self) -> HistoryClient:
        """The forge's commit history."""

    @property
    def code(self) -> CodeClient:
        """The forge's code owners."""

    @property
    def teams(self) -> TeamsClient:
        """The forge's teams."""

    def repositories(self, cursor: str | None) -> RepositoryPage:
        """List repositories that the token can access."""

    def find(self, path: str) -> Listed:
        """Return a repository by name."""

    def page(self, repository: Listed, stage: BackfillStage, cursor: str | None, since: datetime) -> FactPage:
        """Return one page of what changed since an instant."""

    def count(self, repository: Listed, since: datetime) -> int:
        """Return roughly how many pull requests `page` would list."""

    def pull_requests(self, repository: Listed, numbers: Sequence[int]) -> list[Facts]:
        """Fetch pull requests by number; missing ones are left out."""


def read_all(read: Reader, nodes: Iterable[Json], repository: Json, envelope: Envelope) -> list[Facts]:
    """Read all nodes; incomplete ones are left out."""
    facts = []
    for node in nodes:
        try:
            facts.append(read(node, repository, envelope))
        except IncompletePayloadError:
            continue
    return facts
