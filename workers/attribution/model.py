"""The input of attribution as plain values. Instants are in UTC, hashes have 32 bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from vocabulary.tokens import TokenCounts

OVERHEAD: Final = b""

# Evidence, strongest first; overhead has none.
ARTIFACT: Final = "artifact"
COMMIT: Final = "commit"
BRANCH: Final = "branch"
REPOSITORY: Final = "repository"
COHORT: Final = "cohort"
NO_EVIDENCE: Final = "overhead"


class Evidence(NamedTuple):
    """Keyed hashes of what is known about the work behind some tokens, strongest first."""

    artifact: bytes | None = None
    number: bytes | None = None
    commit: bytes | None = None
    branch: bytes | None = None
    repository: bytes | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens of one team, hour and dimension set, with their list price."""

    window_id: bytes
    hour: datetime
    tokens: TokenCounts
    cost_nano_usd: int = 0
    model: str = ""
    workflow: str = ""
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The life of a pull request; `ended_at` is its merge or close. `activity` are instants near the day, sorted.

    `changed_lines` and `changed_files` are its size, if the forge reports it.
    """

    artifact_id: bytes
    repository_id: bytes
    number: bytes
    opened_at: datetime
    ended_at: datetime | None = None
    head_repository_id: bytes | None = None
    head_branch: bytes | None = None
    base_branch: bytes | None = None
    in_team: bool = True
    changed_lines: int | None = None
    changed_files: int | None = None
    activity: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts from forges that a team-day's windows could refer to.

    `commits` maps a commit to the pull requests that contain it and since when, `repositories` a name to its repository
    artifacts, `trunks` a repository to the branches that pull requests merge into and that are not heads of its own; if
    None, trunks are derived from the pull requests.
    """

    pull_requests: tuple[PullRequest, ...] = ()
    commits: Mapping[bytes, Mapping[bytes, datetime]] = field(default_factory=dict)
    repositories: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict)
    trunks: Mapping[bytes, frozenset[bytes]] | None = None
