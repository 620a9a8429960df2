"""Sessions with coding agents: work on pull requests, linked in part, and exploration that belongs to none."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from schema.tokens import TokenCounts
from service.simulation.company import (
    Agent,
    Commit,
    CompanyPlan,
    Link,
    ModelRequest,
    PullRequest,
    Repository,
    Session,
    TeamPlan,
)
from service.simulation.draws import Draws

AGENTS = {Agent.CLAUDE_CODE: 0.64, Agent.CODEX: 0.2, Agent.GEMINI_CLI: 0.16}
# Claude Code tells of commits by itself; the others know what their environment was told, which is often nothing.
LINKS = {
    Agent.CLAUDE_CODE: {Link.COMMIT: 0.7, Link.BRANCH: 0.12, Link.REPOSITORY: 0.18},
    Agent.CODEX: {Link.BRANCH: 0.3, Link.REPOSITORY: 0.3, Link.NOTHING: 0.4},
    Agent.GEMINI_CLI: {Link.BRANCH: 0.25, Link.REPOSITORY: 0.35, Link.NOTHING: 0.4},
}
MODELS = {
    Agent.CLAUDE_CODE: {"claude-sonnet-4-5": 0.82, "claude-haiku-4-5": 0.18},
    Agent.CODEX: {"gpt-5.1-codex": 1.0},
    Agent.GEMINI_CLI: {"gemini-2.5-pro": 1.0},
}
BY_HAND_SHARE = 0.1
ASSISTED_COMMIT_SHARE = 0.85
WEEK = timedelta(weeks=1)
ONE_SITTING = timedelta(hours=2)
REQUESTS_A_COMMIT = 10.0
EXPLORATIONS_A_DEVELOPER_DAY = 0.12
CONTEXT_LIMIT = 180_000


def draw_sessions(
    draws: Draws,
    plan: CompanyPlan,
    team: TeamPlan,
    repositories: tuple[Repository, ...],
    pull_requests: tuple[PullRequest, ...],
) -> tuple[Session, ...]:
    """The team's sessions in order of their first request."""
    agents = _assign_agents(draws, team.size)
    sessions = [
        _work(draws, plan, team, agents[pull_request.developer], pull_request, commits)
        for pull_request in pull_requests
        for commits in _sittings(draws, pull_request)
    ]
    working_days = 5 * (plan.ends_at - plan.starts_at) / WEEK
    for _ in range(round(EXPLORATIONS_A_DEVELOPER_DAY * team.size * working_days)):
        developer = draws.randrange(team.size)
        sessions.append(_exploration(draws, plan, team, agents[developer], developer, draws.choice(repositories)))
    begun = (session for session in sessions if session.requests)
    return tuple(sorted(begun, key=lambda session: session.requests[0].at))


def _assign_agents(draws: Draws, size: int) -> list[Agent]:
    """An agent a developer, in the shares above as nearly as the team's size allows."""
    agents: list[Agent] = []
    reached = 0.0
    for agent, share in AGENTS.items():
        reached += share
        agents += [agent] * (round(reached * size) - len(agents))
    draws.shuffle(agents)
    return agents


def _sittings(draws: Draws, pull_request: PullRequest) -> Iterator[tuple[Commit, ...]]:
    """Commits that one session made together; those written by hand are left out."""
    if draws.random() < BY_HAND_SHARE:
        return
    together: list[Commit] = []
    for commit in pull_request.commits:
        if draws.random() > ASSISTED_COMMIT_SHARE:
            continue
        if together and commit.at - together[-1].at > ONE_SITTING:
            yield tuple(together)
            together = []
        together.append(commit)
    if together:
        yield tuple(together)


def _work(
    draws: Draws,
    plan: CompanyPlan,
    team: TeamPlan,
    agent: Agent,
    pull_request: PullRequest,
    commits: tuple[Commit, ...],
) -> Session:
    instants: list[datetime] = []
    since = commits[0].at - timedelta(minutes=draws.heavy(25.0, 0.6))
    for commit in commits:
        wanted = max(1, round(draws.heavy(REQUESTS_A_COMMIT, 0.7)))
        instants += sorted(since + (commit.at - since) * draws.random() for _ in range(wanted))
        since = commit.at
    instants += [since + timedelta(minutes=minute) for minute in range(1, 1 + draws.count(0.7))]
    link = draws.weighted(LINKS[agent])
    return Session(
        session_id=draws.uuid(),
        agent=agent,
        developer=pull_request.developer,
        repository=pull_request.repository,
        branch=pull_request.branch,
        link=link,
        requests=_draw_requests(draws, plan, team, agent, instants),
        commits=commits,
        pull_request=pull_request.number,
    )


def _exploration(
    draws: Draws, plan: CompanyPlan, team: TeamPlan, agent: Agent, developer: int, repository: Repository
) -> Session:
    begins = draws.working_instant(plan.starts_at, plan.ends_at - plan.starts_at)
    minutes = sorted(draws.uniform(0, 60) for _ in range(1 + round(draws.heavy(5.0, 0.7))))
    instants = [begins + timedelta(minutes=minute) for minute in minutes]
    return Session(
        session_id=draws.uuid(),
        agent=agent,
        developer=developer,
        repository=repository,
        branch="main",
        link=draws.choice((Link.BRANCH, Link.REPOSITORY, Link.NOTHING)),
        requests=_draw_requests(draws, plan, team, agent, instants),
        commits=(),
        pull_request=None,
    )


def _draw_requests(
    draws: Draws, plan: CompanyPlan, team: TeamPlan, agent: Agent, instants: list[datetime]
) -> tuple[ModelRequest, ...]:
    """One request an instant within the simulation; the context, and with it what is read from cache, grows."""
    requests = []
    for position, instant in enumerate(instants):
        if not plan.starts_at <= instant < plan.ends_at:
            continue
        model = draws.weighted(MODELS[agent])
        elapsed = (instant - plan.starts_at) / (plan.ends_at - plan.starts_at)
        tokens = _draw_tokens(draws, agent, position, 1.0 + team.drift * elapsed)
        request_id = f"req_{draws.getrandbits(96):024x}"
        requests.append(ModelRequest(instant, request_id, model, tokens, round(draws.heavy(6_000, 0.7))))
    return tuple(requests)


def _draw_tokens(draws: Draws, agent: Agent, position: int, growth: float) -> TokenCounts:
    context = min(CONTEXT_LIMIT, growth * (16_000 + 5_000 * position) * draws.heavy(1.0, 0.3))
    fresh = growth * draws.heavy(3_200, 0.9)
    written = round(growth * draws.heavy(620, 1.0)) + 1
    if agent is Agent.CLAUDE_CODE:
        # Its output includes thinking, and what is new to the context is written to the cache.
        return TokenCounts(round(draws.heavy(60, 1.0)), round(context), round(fresh), written, 0)
    return TokenCounts(round(fresh), round(context), 0, written, round(written * draws.uniform(0.2, 1.5)))
