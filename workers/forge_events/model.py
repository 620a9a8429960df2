"""Facts: what a delivery, an answer of a forge or an import says, without people.

Identities, bodies, messages and paths are dropped before facts are made.
Of titles and labels there are digests, and of what bodies and messages say is taken back there are numbers and commits.
"""

from datetime import datetime
from typing import TypeAlias

from msgspec import Struct

from schema.identifiers import RepositoryName
from schema.kinds import ActivityKind, PullRequestState
from schema.vocabulary.reverts import NOTHING, Reverted
from workers.outcomes.life_cycle import ReleaseState


class RepositoryFacts(Struct, frozen=True):
    """A repository and the name it bore at `seen_at`, the newest time that the payload tells."""

    name: RepositoryName
    forge_id: int | None
    seen_at: datetime
    default_branch: str | None = None


class ActivityFacts(Struct, frozen=True):
    """One instant of work; `reference` tells it apart from others of its kind on the same pull request."""

    kind: ActivityKind
    reference: str
    occurred_at: datetime


class CommitFacts(Struct, frozen=True):
    """A commit of a push."""

    sha: str
    committed_at: datetime
    reverts: Reverted = NOTHING


class PullRequestFacts(Struct, frozen=True):
    """A pull request as of `updated_at`. None means that the payload does not tell.

    `head_repository` is None when the fork it came from was deleted. `code_owners` are the team handles that own what
    it changed, that of most paths first; empty where nobody says.
    """

    repository: RepositoryFacts
    number: int
    state: PullRequestState
    opened_at: datetime
    updated_at: datetime
    head_repository: RepositoryFacts | None = None
    head_branch: str | None = None
    base_branch: str | None = None
    draft: bool | None = None
    merged_at: datetime | None = None
    closed_at: datetime | None = None
    changed_lines: int | None = None
    changed_files: int | None = None
    activity: tuple[ActivityFacts, ...] = ()
    commits: tuple[str, ...] = ()
    title: bytes | None = None
    labels: tuple[bytes, ...] | None = None
    reverts: Reverted = NOTHING
    head: str | None = None
    code_owners: tuple[str, ...] = ()


class PushFacts(Struct, frozen=True):
    """Commits that arrived on a branch; those that a forced push replaced were work too and stay known."""

    repository: RepositoryFacts
    branch: str
    after: str
    pushed_at: datetime
    commits: tuple[CommitFacts, ...]


class QueueFacts(Struct, frozen=True):
    """A commit that a forge made to test or to merge a pull request, as merge queues and merge trains do."""

    repository: RepositoryFacts
    number: int
    commit: str
    made_at: datetime


class ReleaseFacts(Struct, frozen=True):
    """A release or tag as of `updated_at`; `is_tag` when only its tag is spoken of.

    `target_branch` is where it was made from, as far as told; `former_tag` is the tag that it bore until now.
    `tagged_at` is when its tag was set, for a tag that changed since; `pull_requests` are the numbers of all that it
    ships, None where that follows from its commit.
    """

    repository: RepositoryFacts
    tag: str
    is_tag: bool
    state: ReleaseState
    released_at: datetime
    updated_at: datetime
    commit: str | None = None
    target_branch: str | None = None
    former_tag: str | None = None
    tagged_at: datetime | None = None
    pull_requests: tuple[int, ...] | None = None


class NamingFacts(Struct, frozen=True):
    """A repository under its present name, and names it had before."""

    repository: RepositoryFacts
    former: tuple[RepositoryName, ...] = ()


class InstallationFacts(Struct, frozen=True):
    """What became of a GitHub App installation as of `reported_at`: active, suspended or deleted.

    No state means that it stays as it is, with other permissions.
    """

    installation_id: int
    state: str | None
    reported_at: datetime


class GivenRepository(Struct, frozen=True):
    """A repository that was given to an App: the forge's number for it, and its name there."""

    forge_id: int
    path: str


class InstallationRepositoriesFacts(Struct, frozen=True):
    """Repositories that an installation was given, and numbers of those that were taken from it."""

    installation_id: int
    added: tuple[GivenRepository, ...]
    removed: tuple[int, ...]
    reported_at: datetime


class Ignored(Struct, frozen=True):
    """Nothing that is kept; the reason names no content."""

    reason: str


Facts: TypeAlias = (
    PullRequestFacts
    | PushFacts
    | QueueFacts
    | ReleaseFacts
    | NamingFacts
    | InstallationFacts
    | InstallationRepositoriesFacts
    | Ignored
)
