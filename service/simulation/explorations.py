"""Sessions without a pull request: exploration by developers, and nightly jobs."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from service.simulation.company import CompanyPlan, Link, Repository, Session, TeamPlan
from service.simulation.developers import Developer
from service.simulation.draws import Draws
from service.simulation.model_requests import draw_requests, request_count

DAY = timedelta(days=1)
MINUTES_OF_AN_EXPLORATION, MINUTES_OF_A_JOB = 20.0, 40.0
EXPLORATION_WEIGHT = 1.2
BASE_BRANCH = "main"


def draw_explorations(
    draws: Draws,
    plan: CompanyPlan,
    team: TeamPlan,
    developers: tuple[Developer, ...],
    repositories: tuple[Repository, ...],
    sessions: int,
) -> Iterator[Session]:
    """Draw sessions on the base branch, in proportion to the number of `sessions` on pull requests."""
    span = plan.ends_at - plan.starts_at
    habits = team.habits
    for _ in range(round(sessions * habits.explorations_a_session * draws.heavy(1.0, habits.spread_of_explorations))):
        developer = draws.choice(developers)
        begins = draws.working_instant(plan.starts_at, span, developer.zone)
        minutes = draws.heavy(MINUTES_OF_AN_EXPLORATION, 0.8)
        yield _session(draws, plan, team, developer, draws.choice(repositories), begins, timedelta(minutes=minutes))
    if draws.random() < team.habits.nightly_job_share:
        yield from _nightly_job(draws, plan, team, developers[0], repositories[0])


def _nightly_job(
    draws: Draws, plan: CompanyPlan, team: TeamPlan, developer: Developer, repository: Repository
) -> Iterator[Session]:
    """Draw one session every night at the same hour, including weekends."""
    begins = plan.starts_at + timedelta(hours=draws.randrange(24))
    while begins < plan.ends_at:
        yield _session(draws, plan, team, developer, repository, begins, timedelta(minutes=MINUTES_OF_A_JOB))
        begins += DAY


def _session(
    draws: Draws,
    plan: CompanyPlan,
    team: TeamPlan,
    developer: Developer,
    repository: Repository,
    begins: datetime,
    span: timedelta,
) -> Session:
    weight = EXPLORATION_WEIGHT * draws.heavy(1.0, team.habits.spread_of_sessions)
    count = request_count(team.habits.requests_a_commit, weight)
    instants = sorted(begins + span * draws.random() for _ in range(count))
    return Session(
        session_id=draws.uuid(),
        agent=developer.agent,
        developer=developer.number,
        repository=repository,
        branch=BASE_BRANCH,
        link=draws.choice((Link.BRANCH, Link.REPOSITORY, Link.NOTHING)),
        link_rank=draws.random(),
        requests=draw_requests(draws, plan, team, developer.agent, instants, weight),
        commits=(),
        pull_request=None,
    )
