"""What attribution reads, as plain values. Every instant is in UTC, every hash is 32 bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from schema.tokens import TokenCounts

OVERHEAD: Final = b""

# Evidence, strongest first; overhead is what no evidence reaches.
ARTIFACT: Final = "artifact"
COMMIT: Final = "commit"
BRANCH: Final = "branch"
REPOSITORY: Final = "repository"
COHORT: Final = "cohort"
NO_EVIDENCE: Final = "overhead"


class Evidence(NamedTuple):
    """Keyed hashes of what is known of the work behind some tokens, strongest first."""

    artifact: bytes | None = None
    number: bytes | None = None
    commit: bytes | None = None
    branch: bytes | None = None
    repository: bytes | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens of one team, hour and dimension set, with the list price of all of them."""

    window_id: bytes
    hour: datetime
    tokens: TokenCounts
    cost_nano_usd: int = 0
    model: str = ""
    workflow: str = ""
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The life of a pull request; `ended_at` is its merge or close. `activity` holds instants near the day, sorted.

    `changed_lines` and `changed_files` are its size, where the forge tells.
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
    """What forges told that a team-day's windows could mean.

    `commits` gives the pull requests that hold a commit and since when, `repositories` the repository artifacts that a
    name means, `trunks` the branches of a repository that pull requests merge into and that are none's own; when it is
    None, the pull requests tell.
    """

    pull_requests: tuple[PullRequest, ...] = ()
    commits: Mapping[bytes, Mapping[bytes, datetime]] = field(default_factory=dict)
    repositories: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict)
    trunks: Mapping[bytes, frozenset[bytes]] | None = None
