"""Facts: what a delivery, a forge's answer or an import says, without people.

Identities, bodies, messages and paths are dropped before facts are made. Titles and labels become digests; reverts in
bodies and messages become numbers and commits.
"""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from schema.identifiers import RepositoryName
from schema.kinds import PullRequestState
from vocabulary.reverts import NOTHING, Reverted
from workers.outcomes.life_cycle import ReleaseState


class ActivityKind(StrEnum):
    """Kinds of work on a pull request."""

    COMMIT = "commit"
    PUSH = "push"
    REVIEW = "review"
    OPEN = "open"
    MERGE = "merge"


class RepositoryFacts(Struct, frozen=True):
    """A repository and its name at `seen_at`, the newest time in the payload.

    `also` are other names in its clone addresses, for example of a forge under a path or with another host for ssh.
    """

    name: RepositoryName
    forge_id: int | None
    seen_at: datetime
    default_branch: str | None = None
    also: tuple[RepositoryName, ...] = ()


class ActivityFacts(Struct, frozen=True):
    """One instant of work; `reference` distinguishes it from others of its kind on the same pull request."""

    kind: ActivityKind
    reference: str
    occurred_at: datetime


class CommitFacts(Struct, frozen=True):
    """A commit of a push."""

    sha: str
    committed_at: datetime
    reverts: Reverted = NOTHING


class PullRequestFacts(Struct, frozen=True):
    """A pull request as of `updated_at`. None means that the payload does not say.

    `head_repository` is None when the fork it came from was deleted. `code_owners` are the team handles that own what
    it changed, the owner of most paths first; empty if unknown.
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
    is_bot: bool | None = None


class LandedFacts(Struct, frozen=True):
    """A commit that a push brought to a branch, from wherever, and the pull requests that its message names."""

    sha: str
    numbers: tuple[int, ...] = ()


class PushFacts(Struct, frozen=True):
    """Commits pushed to a branch; commits that a forced push replaced were work, too, and stay recorded."""

    repository: RepositoryFacts
    branch: str
    after: str
    pushed_at: datetime
    commits: tuple[CommitFacts, ...]
    landed: tuple[LandedFacts, ...] = ()


class QueueFacts(Struct, frozen=True):
    """A commit that a forge made to test or merge a pull request, as merge queues and merge trains do."""

    repository: RepositoryFacts
    number: int
    commit: str
    made_at: datetime


class ReleaseFacts(Struct, frozen=True):
    """A release or tag as of `updated_at`; `is_tag` if only the tag is known.

    `target_branch` is where it was made from, if known; `former_tag` is its previous tag. `tagged_at` is when its tag
    was set, for a tag that changed since; `is_created` if the tag was not there before. `pull_requests` are the numbers
    of all it ships, None if that follows from its commit, and `by_package_folder` if they are only those that changed
    the folder of the package that the tag names.
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
    is_created: bool = False
    pull_requests: tuple[int, ...] | None = None
    by_package_folder: bool = False


class NamingFacts(Struct, frozen=True):
    """A repository under its current name, and its former names."""

    repository: RepositoryFacts
    former: tuple[RepositoryName, ...] = ()


class InstallationFacts(Struct, frozen=True):
    """The state of a GitHub App installation as of `reported_at`: active, suspended or deleted.

    Without a state, only its permissions changed.
    """

    installation_id: int
    state: str | None
    reported_at: datetime


class GivenRepository(Struct, frozen=True):
    """A repository added to an installation: its number and name at the forge."""

    forge_id: int
    path: str


class InstallationRepositoriesFacts(Struct, frozen=True):
    """Repositories added to an installation, and numbers of removed ones."""

    installation_id: int
    added: tuple[GivenRepository, ...]
    removed: tuple[int, ...]
    reported_at: datetime


class Ignored(Struct, frozen=True):
    """Nothing to record; the reason contains no content."""

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
