"""What a simulated company is: plain facts, with the truth about every model request beside it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from schema.tokens import TokenCounts
from service.simulation.habits import Habits

FORGE_HOST = "github.com"


class Agent(StrEnum):
    """The coding agents that the company uses."""

    CLAUDE_CODE = "claude-code"
    CODEX = "codex"
    GEMINI_CLI = "gemini-cli"


class Link(StrEnum):
    """What a session's telemetry tells about the work behind it, most telling first."""

    COMMIT = "commit"
    BRANCH = "branch"
    REPOSITORY = "repository"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class TeamPlan:
    """One team to simulate.

    `pull_requests_a_week` counts those that will be merged, `drift` says by how much its tokens a request grow over the
    weeks (0.5: by half), `zones` are the hours by which its developers' clocks are ahead of UTC.
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
    """What to simulate: nothing in it, and so nothing in the company, depends on clock or machine.

    `weeks` are calendar weeks (Monday, UTC), of which the last is the one that `ends_at` is in.
    """

    seed: int
    ends_at: datetime
    weeks: int
    owner: str
    teams: tuple[TeamPlan, ...]

    @property
    def starts_at(self) -> datetime:
        """The first instant of the simulation."""
        midnight = self.ends_at.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=midnight.weekday(), weeks=self.weeks - 1)


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, by the forge's numeric id and by `owner/name`."""

    forge_id: int
    path: str

    @property
    def url(self) -> str:
        """Where it is browsed."""
        return f"https://{FORGE_HOST}/{self.path}"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit on a pull request's branch, pushed as soon as the pull request is open."""

    sha: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PullRequest:
    """One life cycle. Instants after the end of the simulation are not in it: it is open then.

    `background` is an agent's work that no developer waits for, at any hour of any day.
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

    @property
    def merged(self) -> bool:
        """Closed by a merge."""
        return self.merge_sha is not None


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One model request and what it used."""

    at: datetime
    request_id: str
    model: str
    tokens: TokenCounts
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Session:
    """One sitting with an agent. `pull_request` is the truth (None: exploration), `link` what telemetry tells.

    `link_rank`, uniform from 0 to 1, orders sessions by how soon they would be linked were more of them linked.
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

    @property
    def tokens(self) -> int:
        """All tokens of the session."""
        return sum(request.tokens.total for request in self.requests)


@dataclass(frozen=True, slots=True)
class Release:
    """A published release of what was merged before it."""

    repository: Repository
    tag: str
    commit: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Team:
    """A team and everything it did.

    `unopened` is what was begun, and has sessions, but whose pull request opens after the simulation ends.
    """

    plan: TeamPlan
    repositories: tuple[Repository, ...]
    pull_requests: tuple[PullRequest, ...]
    unopened: tuple[PullRequest, ...]
    sessions: tuple[Session, ...]
    releases: tuple[Release, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """The whole simulation."""

    plan: CompanyPlan
    teams: tuple[Team, ...]

    @property
    def merged_pull_requests(self) -> int:
        """How many pull requests were merged."""
        return sum(pull_request.merged for team in self.teams for pull_request in team.pull_requests)

    @property
    def requests(self) -> int:
        """How many model requests were made."""
        return sum(len(session.requests) for team in self.teams for session in team.sessions)

    @property
    def tokens(self) -> int:
        """All tokens used."""
        return sum(session.tokens for team in self.teams for session in team.sessions)
