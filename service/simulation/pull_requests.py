"""A team's pull requests: developer, repository and branch, numbered in order of opening."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from service.simulation.company import Commit, CompanyPlan, PullRequest, Repository, TeamPlan
from service.simulation.developers import Developer
from service.simulation.draws import Draws
from service.simulation.life_cycles import Circumstances, LifeCycles

LINES_A_COMMIT = 45.0
NUMBERS_BEGIN = 100
WEEK = timedelta(weeks=1)

VERBS = ("add", "fix", "speed-up", "split", "rename", "retry", "cache", "drop", "harden", "trace")
NOUNS = ("search", "refunds", "sessions", "invoices", "uploads", "limits", "exports", "alerts", "webhooks", "themes")


def draw_pull_requests(
    draws: Draws,
    plan: CompanyPlan,
    team: TeamPlan,
    developers: tuple[Developer, ...],
    repositories: tuple[Repository, ...],
    life_cycles: LifeCycles,
) -> tuple[tuple[PullRequest, ...], tuple[PullRequest, ...]]:
    """Draw the pull requests opened before the simulation ends, and those only started by then."""
    span = plan.ends_at - plan.starts_at
    paces = [developer.pace for developer in developers]
    drawn = []
    for _ in range(round(team.pull_requests_a_week * (span / WEEK) / team.habits.merged_share)):
        developer = draws.choices(developers, paces)[0]
        begins = draws.working_instant(plan.starts_at, span, developer.zone)
        drawn.append(_draw_one(draws, team, developer, draws.choice(repositories), begins, life_cycles))
    begun = [each for each in drawn if each.commits[0].at < plan.ends_at]
    named = _reuse_branches(draws, begun, team.habits.branch_reuse_share)
    numbered = _numbered(named, repositories)
    known = [_as_known_at(plan.ends_at, each) for each in numbered]
    opened = tuple(each for each in known if each.opened_at < plan.ends_at)
    return opened, tuple(each for each in known if each.opened_at >= plan.ends_at)


def _draw_one(
    draws: Draws,
    team: TeamPlan,
    developer: Developer,
    repository: Repository,
    begins: datetime,
    life_cycles: LifeCycles,
) -> PullRequest:
    habits = team.habits
    merged, background = draws.random() < habits.merged_share, draws.random() < habits.background_share
    life = life_cycles.draw(draws, Circumstances(begins, developer.zone, merged, background, habits))
    return PullRequest(
        repository=repository,
        number=0,
        branch=f"{draws.choice(VERBS)}-{draws.choice(NOUNS)}-{draws.getrandbits(32):08x}",
        base_sha=draws.sha(),
        developer=developer.number,
        commits=tuple(Commit(draws.sha(), instant) for instant in life.commits),
        opened_at=life.opened_at,
        reviewed_at=life.reviewed_at,
        closed_at=life.closed_at,
        merge_sha=draws.sha() if merged else None,
        changed_lines=round(draws.heavy(LINES_A_COMMIT * len(life.commits), 0.9)) + 1,
        changed_files=1 + draws.count(1.0 + len(life.commits) / 2),
        background=background,
    )


def _reuse_branches(draws: Draws, pull_requests: list[PullRequest], share: float) -> list[PullRequest]:
    """Let some pull requests reuse a branch of the developer whose previous pull request is closed."""
    branches: dict[tuple[int, Repository], dict[str, datetime | None]] = {}
    named = []
    for each in sorted(pull_requests, key=lambda each: each.commits[0].at):
        ends = branches.setdefault((each.developer, each.repository), {})
        free = [branch for branch, closed in ends.items() if closed is not None and closed < each.commits[0].at]
        renamed = replace(each, branch=free[-1]) if free and draws.random() < share else each
        ends[renamed.branch] = renamed.closed_at
        named.append(renamed)
    return named


def _numbered(pull_requests: list[PullRequest], repositories: tuple[Repository, ...]) -> Iterable[PullRequest]:
    numbers = {repository: NUMBERS_BEGIN * position for position, repository in enumerate(repositories, start=1)}
    for each in sorted(pull_requests, key=lambda each: each.opened_at):
        numbers[each.repository] += 1
        yield replace(each, number=numbers[each.repository])


def _as_known_at(now: datetime, life: PullRequest) -> PullRequest:
    """Return the pull request as it is at the end of the simulation."""
    closed = life.closed_at if life.closed_at is not None and life.closed_at < now else None
    return replace(
        life,
        commits=tuple(commit for commit in life.commits if commit.at < now),
        reviewed_at=tuple(instant for instant in life.reviewed_at if instant < (closed or now)),
        closed_at=closed,
        merge_sha=life.merge_sha if closed else None,
    )
