"""Agent sessions on a pull request: around its commits and between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.simulation.company import Agent, Commit, CompanyPlan, Link, PullRequest, Session, TeamPlan
from service.simulation.developers import Developer
from service.simulation.draws import Draws, to_working_time
from service.simulation.model_requests import draw_requests, request_count

# Claude Code reports commits by itself; the others only report what their environment contains, often nothing.
LINKS = {
    Agent.CLAUDE_CODE: {Link.COMMIT: 0.7, Link.BRANCH: 0.12, Link.REPOSITORY: 0.18},
    Agent.CODEX: {Link.BRANCH: 0.3, Link.REPOSITORY: 0.3, Link.NOTHING: 0.4},
    Agent.GEMINI_CLI: {Link.BRANCH: 0.25, Link.REPOSITORY: 0.35, Link.NOTHING: 0.4},
}
ONE_SITTING = timedelta(hours=2)
BEFORE_BEGINNING = timedelta(days=1)
MINUTES_BEFORE_A_COMMIT, MINUTES_IN_THE_BACKGROUND = 22.0, 90.0
MINUTES_OF_A_STRAY = 20.0
BACKGROUND_WEIGHT = 2.0
NEAR_A_COMMIT_SHARE, HOURS_FROM_A_COMMIT, BEFORE_A_COMMIT_SHARE = 0.7, 3.0, 0.6


@dataclass(frozen=True, slots=True)
class Work:
    """The input for drawing one pull request's sessions; `weight` is relative to the median's tokens."""

    draws: Draws
    plan: CompanyPlan
    team: TeamPlan
    developer: Developer
    pull_request: PullRequest
    weight: float


def draw_work(
    draws: Draws, plan: CompanyPlan, team: TeamPlan, developer: Developer, pull_request: PullRequest
) -> Iterator[Session]:
    """Draw the sessions of one pull request; a pull request written by hand has no sessions."""
    if draws.random() < team.habits.by_hand_share:
        return
    weight = draws.heavy(1.0, team.habits.spread_of_pull_requests)
    if pull_request.background:
        weight *= BACKGROUND_WEIGHT
    work = Work(draws, plan, team, developer, pull_request, weight)
    for commits in _sittings(work):
        yield _sitting(work, commits)
    for _ in range(draws.count(team.habits.strays_a_commit * len(pull_request.commits))):
        yield _stray(work)


def _sittings(work: Work) -> Iterator[tuple[Commit, ...]]:
    """Group commits by the session that made them; skip those written by hand."""
    together: list[Commit] = []
    for commit in work.pull_request.commits:
        if work.draws.random() > work.team.habits.assisted_commit_share:
            continue
        if together and commit.at - together[-1].at > ONE_SITTING:
            yield tuple(together)
            together = []
        together.append(commit)
    if together:
        yield tuple(together)


def _sitting(work: Work, commits: tuple[Commit, ...]) -> Session:
    """Draw a session with requests before each of its commits, and a few after the last one."""
    draws, habits = work.draws, work.team.habits
    minutes = MINUTES_IN_THE_BACKGROUND if work.pull_request.background else MINUTES_BEFORE_A_COMMIT
    weight = work.weight * draws.heavy(1.0, habits.spread_of_sessions)
    instants: list[datetime] = []
    since = commits[0].at - timedelta(minutes=draws.heavy(minutes, 0.7))
    for commit in commits:
        count = request_count(habits.requests_a_commit, weight)
        instants += sorted(since + (commit.at - since) * draws.random() for _ in range(count))
        since = commit.at
    instants += [since + timedelta(minutes=minute) for minute in range(1, 1 + draws.count(0.7))]
    return _session(work, instants, commits, weight)


def _stray(work: Work) -> Session:
    """Draw a session without a commit, such as research, answering reviews or debugging."""
    draws = work.draws
    at = _hours_around_a_commit(work) if draws.random() < NEAR_A_COMMIT_SHARE else _any_time(work)
    if not work.pull_request.background:
        at = to_working_time(at, draws, work.developer.zone)
    span = timedelta(minutes=draws.heavy(MINUTES_OF_A_STRAY, 0.8))
    weight = work.weight * draws.heavy(1.0, work.team.habits.spread_of_sessions)
    count = request_count(work.team.habits.requests_a_commit, weight)
    return _session(work, sorted(at + span * draws.random() for _ in range(count)), (), weight)


def _hours_around_a_commit(work: Work) -> datetime:
    hours = work.draws.expovariate(1.0 / HOURS_FROM_A_COMMIT)
    before = work.draws.random() < BEFORE_A_COMMIT_SHARE
    return work.draws.choice(work.pull_request.commits).at + timedelta(hours=-hours if before else hours)


def _any_time(work: Work) -> datetime:
    """Draw an instant from a day before the first commit to the end."""
    pull_request = work.pull_request
    begins = pull_request.commits[0].at - BEFORE_BEGINNING
    until = pull_request.closed_at or max(pull_request.commits[-1].at, begins + BEFORE_BEGINNING)
    return begins + (until - begins) * work.draws.random()


def _session(work: Work, instants: list[datetime], commits: tuple[Commit, ...], weight: float) -> Session:
    draws, agent = work.draws, work.developer.agent
    return Session(
        session_id=draws.uuid(),
        agent=agent,
        developer=work.developer.number,
        repository=work.pull_request.repository,
        branch=work.pull_request.branch,
        link=draws.weighted(LINKS[agent]),
        link_rank=draws.random(),
        requests=draw_requests(draws, work.plan, work.team, agent, instants, weight),
        commits=commits,
        pull_request=work.pull_request.number,
    )
