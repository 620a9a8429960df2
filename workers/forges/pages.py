"""What clients answer, whichever forge they ask: pages of facts, and repositories to ask for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeAlias

from schema.kinds import BackfillStage
from workers.facts.model import Facts
from workers.forge_events.reading import Envelope, Json, NotUnderstoodError
from workers.forges.code import CodeClient
from workers.forges.listed import Listed
from workers.forges.release_lists import HistoryClient
from workers.forges.teams import TeamsClient

Reader: TypeAlias = Callable[[Json, Json, Envelope], Facts]


class RepositoryPage(NamedTuple):
    """Some repositories, and the cursor of those that follow; None ends the list."""

    repositories: list[Listed]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class FactPage:
    """What a page of a stage told, the cursor of the next page (None ends the stage), and how many items it told.

    `total` is how many the stage has in all, where the forge says so.
    """

    facts: list[Facts]
    cursor: str | None
    items: int
    total: int | None = None


class ForgeClient(Protocol):
    """Blocking; call it from a thread. All methods raise ForgeError, of which TryLaterError says when to come back."""

    @property
    def history(self) -> HistoryClient:
        """What the forge knows of commits."""

    @property
    def code(self) -> CodeClient:
        """What the forge knows of owners of code."""

    @property
    def teams(self) -> TeamsClient:
        """What the forge knows of teams."""

    def repositories(self, cursor: str | None) -> RepositoryPage:
        """Repositories that the token reaches."""

    def find(self, path: str) -> Listed:
        """One repository by its name."""

    def page(self, repository: Listed, stage: BackfillStage, cursor: str | None, since: datetime) -> FactPage:
        """One page of what changed since an instant."""

    def count(self, repository: Listed, since: datetime) -> int:
        """About how many pull requests `page` would tell of."""

    def pull_requests(self, repository: Listed, numbers: Sequence[int]) -> list[Facts]:
        """All of these pull requests, those left out that are gone."""


def understood(read: Reader, nodes: Iterable[Json], repository: Json, envelope: Envelope) -> list[Facts]:
    """What could be read; one item that lacks what it is about does not stop the others."""
    facts = []
    for node in nodes:
        try:
            facts.append(read(node, repository, envelope))
        except NotUnderstoodError:
            continue
    return facts
