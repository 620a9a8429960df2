"""Plain facts that a delivery tells. Identities, titles, messages and paths are dropped before these are made."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from schema.identifiers import RepositoryName
from schema.life_cycle import ReleaseState
from schema.tables.forge import ActivityKind, PullRequestState


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """A repository and the name it bore at `seen_at`, the newest time that the payload tells."""

    name: RepositoryName
    forge_id: int | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """One instant of work; `reference` tells it apart from others of its kind on the same pull request."""

    kind: ActivityKind
    reference: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class CommitFacts:
    """A commit of a push."""

    sha: str
    committed_at: datetime


@dataclass(frozen=True, slots=True)
class PullRequestFacts:
    """A pull request as of `updated_at`. None means that the payload does not tell.

    `head_repository` is None when the fork it came from was deleted.
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


@dataclass(frozen=True, slots=True)
class PushFacts:
    """Commits that arrived on a branch; those that a forced push replaced were work too and stay known."""

    repository: RepositoryFacts
    branch: str
    after: str
    pushed_at: datetime
    commits: tuple[CommitFacts, ...]


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """A release or tag as of `updated_at`; `is_tag` when only its tag is spoken of."""

    repository: RepositoryFacts
    tag: str
    is_tag: bool
    state: ReleaseState
    released_at: datetime
    updated_at: datetime
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class NamingFacts:
    """A repository under its present name, and names it had before."""

    repository: RepositoryFacts
    former: tuple[RepositoryName, ...] = ()


@dataclass(frozen=True, slots=True)
class InstallationFacts:
    """What became of a GitHub App installation: active, suspended or deleted."""

    installation_id: int
    state: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing that is kept; the reason names no content."""

    reason: str


Facts: TypeAlias = PullRequestFacts | PushFacts | ReleaseFacts | NamingFacts | InstallationFacts | Ignored
