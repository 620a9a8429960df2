"""Pull requests from first commit to merge or close, and the releases that ship them."""

from datetime import datetime, timedelta

from service.simulation.company import Commit, CompanyPlan, PullRequest, Release, Repository, TeamPlan
from service.simulation.draws import Draws, to_working_time

MERGED_SHARE = 0.88
LONG_LIVED_SHARE = 0.07
LINES_A_COMMIT = 45.0
WEEK = timedelta(weeks=1)
DAYS_BETWEEN_RELEASES = 7.0

VERBS = ("add", "fix", "speed-up", "split", "rename", "retry", "cache", "drop", "harden", "trace")
NOUNS = ("search", "refunds", "sessions", "invoices", "uploads", "limits", "exports", "alerts", "webhooks", "themes")


def draw_pull_requests(
    draws: Draws, plan: CompanyPlan, team: TeamPlan, repositories: tuple[Repository, ...]
) -> tuple[PullRequest, ...]:
    """The team's pull requests, each with a number of its repository in order of opening."""
    span = plan.ends_at - plan.starts_at
    drawn = [
        _draw_life(draws, draws.choice(repositories), draws.working_instant(plan.starts_at, span), team.size)
        for _ in range(round(team.pull_requests_a_week * (span / WEEK) / MERGED_SHARE))
    ]
    begun = sorted((life for life in drawn if life.opened_at < plan.ends_at), key=lambda life: life.opened_at)
    numbers = {repository: 100 * position for position, repository in enumerate(repositories, start=1)}
    numbered = []
    for life in begun:
        numbers[life.repository] += 1
        numbered.append(_as_known_at(plan.ends_at, life, numbers[life.repository]))
    return tuple(numbered)


def _draw_life(draws: Draws, repository: Repository, begins: datetime, team_size: int) -> PullRequest:
    days = draws.heavy(12.0, 0.4) if draws.random() < LONG_LIVED_SHARE else draws.heavy(1.1, 0.8)
    commits = _draw_commits(draws, begins, timedelta(days=days))
    opened_at = commits[draws.randrange((len(commits) + 1) // 2)].at + timedelta(minutes=draws.uniform(1, 20))
    review_begins = max(opened_at, commits[-1].at)
    waiting = timedelta(hours=draws.heavy(14.0, 0.9))
    reviewed_at = tuple(sorted(review_begins + waiting * draws.uniform(0.05, 0.95) for _ in range(draws.count(1.3))))
    size = LINES_A_COMMIT * len(commits)
    return PullRequest(
        repository=repository,
        number=0,
        branch=f"{draws.choice(VERBS)}-{draws.choice(NOUNS)}-{draws.getrandbits(16):04x}",
        base_sha=draws.sha(),
        developer=draws.randrange(team_size),
        commits=commits,
        opened_at=opened_at,
        reviewed_at=reviewed_at,
        closed_at=to_working_time(review_begins + waiting, draws),
        merge_sha=draws.sha() if draws.random() < MERGED_SHARE else None,
        changed_lines=round(draws.heavy(size, 0.9)) + 1,
        changed_files=1 + draws.count(1.0 + len(commits) / 2),
    )


def _draw_commits(draws: Draws, begins: datetime, span: timedelta) -> tuple[Commit, ...]:
    later = sorted(draws.working_instant(begins, span) for _ in range(draws.count(2.6)))
    instants = [begins, *(instant for instant in later if instant > begins)]
    return tuple(Commit(draws.sha(), instant) for instant in instants)


def _as_known_at(now: datetime, life: PullRequest, number: int) -> PullRequest:
    """The life cycle cut off at the end of the simulation."""
    closed = life.closed_at if life.closed_at is not None and life.closed_at < now else None
    return PullRequest(
        repository=life.repository,
        number=number,
        branch=life.branch,
        base_sha=life.base_sha,
        developer=life.developer,
        commits=tuple(commit for commit in life.commits if commit.at < now),
        opened_at=life.opened_at,
        reviewed_at=tuple(instant for instant in life.reviewed_at if instant < (closed or now)),
        closed_at=closed,
        merge_sha=life.merge_sha if closed else None,
        changed_lines=life.changed_lines,
        changed_files=life.changed_files,
    )


def draw_releases(draws: Draws, plan: CompanyPlan, pull_requests: tuple[PullRequest, ...]) -> tuple[Release, ...]:
    """About a release a week and repository, each of the newest merge before it; a week without merges has none."""
    merges: dict[Repository, list[tuple[datetime, str]]] = {}
    for pull_request in pull_requests:
        if pull_request.closed_at and pull_request.merge_sha:
            merges.setdefault(pull_request.repository, []).append((pull_request.closed_at, pull_request.merge_sha))
    releases = []
    for repository, merged in merges.items():
        shipped, minor, instant = None, draws.randrange(1, 20), plan.starts_at
        while (instant := _next_release_at(draws, instant)) < plan.ends_at:
            newest = max((merge for merge in merged if merge[0] < instant), default=None)
            if newest is not None and newest != shipped:
                shipped, minor = newest, minor + 1
                releases.append(Release(repository, f"v1.{minor}.0", newest[1], instant))
    return tuple(sorted(releases, key=lambda release: release.at))


def _next_release_at(draws: Draws, previous: datetime) -> datetime:
    return to_working_time(previous + timedelta(days=draws.uniform(0.7, 1.3) * DAYS_BETWEEN_RELEASES), draws)
