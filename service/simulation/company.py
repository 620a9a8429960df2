"""The facts of a simulated company, including which pull request each model request truly belongs to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from service.simulation.habits import Habits
from vocabulary.tokens import TokenCounts

FORGE_HOST = "github.com"


class Agent(StrEnum):
    """The coding agents that the company uses."""

    CLAUDE_CODE = "claude-code"
    CODEX = "codex"
    GEMINI_CLI = "gemini-cli"


class Link(StrEnum):
    """The link that a session's telemetry reports, strongest first."""

    COMMIT = "commit"
    BRANCH = "branch"
    REPOSITORY = "repository"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class TeamPlan:
    """One team to simulate.

    `pull_requests_a_week` counts merged ones. `drift` is the growth of tokens per request over all weeks (0.5: by
    half). `zones` are the offsets of its developers from UTC in hours.
    """

    name: str
    size: int
    repositories: tuple[str, ...]
    pull_requests_a_week: float
    habits: Habits
    drift: float = 0.0
    zones: tuple[float, ...] = (0.0,)


@dataclass(frozen=True, slots=True)
class CompanyPlan:
    """The input of a simulation; the same plan gives the same company on every machine.

    `weeks` is the number of calendar weeks (from Monday, UTC); the last one contains `ends_at`. `world` names one of
    `service.simulation.worlds`.
    """

    seed: int
    ends_at: datetime
    weeks: int
    owner: str
    teams: tuple[TeamPlan, ...]
    world: str = "base"

    @property
    def starts_at(self) -> datetime:
        """Return the first instant of the simulation."""
        midnight = self.ends_at.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=midnight.weekday(), weeks=self.weeks - 1)


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository: the forge's numeric id and `owner/name`."""

    forge_id: int
    path: str

    @property
    def url(self) -> str:
        """Return the URL of the repository's page."""
        return f"https://{FORGE_HOST}/{self.path}"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit on a pull request's branch; it is pushed once the pull request is open."""

    sha: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PullRequest:
    """One pull request, with its state at the end of the simulation; later instants are left out.

    `background` marks an agent's work that no developer waits for, at any hour of any day. `reverts` is the number
    of the one that it takes back. `is_bot`: its author is a bot.
    """

    repository: Repository
    number: int
    branch: str
    base_sha: str
    developer: int
    commits: tuple[Commit, ...]
    opened_at: datetime
    reviewed_at: tuple[datetime, ...]
    closed_at: datetime | None
    merge_sha: str | None
    changed_lines: int
    changed_files: int
    background: bool
    labels: tuple[str, ...] = ()
    reverts: int | None = None
    is_bot: bool = False

    @property
    def merged(self) -> bool:
        """Return whether it was merged."""
        return self.merge_sha is not None


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One model request and its tokens."""

    at: datetime
    request_id: str
    model: str
    tokens: TokenCounts
    duration_ms: int


class Stamp(NamedTuple):
    """The pull request that a session's telemetry names although it went on to others; None is exploration."""

    repository: Repository
    pull_request: int | None


@dataclass(frozen=True, slots=True)
class Session:
    """One agent session. `pull_request` is the truth (None: exploration), `link` is what telemetry reports.

    `link_rank` is uniform from 0 to 1: if a share q of all sessions were linked, those with a rank below q would be.
    `stamp` is what its link names if it is stale; sessions that are parts of a longer one have its `session_id`.
    """

    session_id: str
    agent: Agent
    developer: int
    repository: Repository
    branch: str
    link: Link
    link_rank: float
    requests: tuple[ModelRequest, ...]
    commits: tuple[Commit, ...]
    pull_request: int | None
    stamp: Stamp | None = None

    @property
    def tokens(self) -> int:
        """Return the session's tokens."""
        return sum(request.tokens.total for request in self.requests)


@dataclass(frozen=True, slots=True)
class Release:
    """A published release of everything merged before it."""

    repository: Repository
    tag: str
    commit: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Team:
    """A team and its work.

    `unopened` pull requests have commits and sessions, but open after the simulation ends.
    """

    plan: TeamPlan
    repositories: tuple[Repository, ...]
    pull_requests: tuple[PullRequest, ...]
    unopened: tuple[PullRequest, ...]
    sessions: tuple[Session, ...]
    releases: tuple[Release, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """A simulated company."""

    plan: CompanyPlan
    teams: tuple[Team, ...]

    @property
    def merged_pull_requests(self) -> int:
        """Return the number of merged pull requests."""
        return sum(pull_request.merged for team in self.teams for pull_request in team.pull_requests)

    @property
    def requests(self) -> int:
        """Return the number of model requests."""
        return sum(len(session.requests) for team in self.teams for session in team.sessions)

    @property
    def tokens(self) -> int:
        """Return the tokens of all teams."""
        return sum(session.tokens for team in self.teams for session in team.sessions)
