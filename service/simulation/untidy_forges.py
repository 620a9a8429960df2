"""Untidy forges: changes what a tidy team's pull requests look like; the truth of its tokens stays."""

from dataclasses import replace
from datetime import datetime, timedelta

from service.simulation.company import Commit, CompanyPlan, PullRequest, Team
from service.simulation.draws import Draws

# Bots among the merged pull requests.
BOT_SHARE = 0.6
BOT_LINES, BOT_WAIT_HOURS = 6.0, 9.0
# How long after the work its commits are pushed, in hours; half of the pull requests wait less.
LAG_HOURS, LAG_SPREAD = 14.0, 0.9


def late_pushes(draws: Draws, plan: CompanyPlan, team: Team) -> Team:
    """Let the commits of each pull request arrive as one, hours to days after the last of them."""
    late = [_late(draws, plan.ends_at, each) for each in (*team.pull_requests, *team.unopened)]
    return replace(
        team,
        pull_requests=tuple(each for each in late if each.opened_at < plan.ends_at),
        unopened=tuple(each for each in late if each.opened_at >= plan.ends_at),
    )


def _late(draws: Draws, ends_at: datetime, tidy: PullRequest) -> PullRequest:
    lag = timedelta(hours=draws.heavy(LAG_HOURS, LAG_SPREAD))
    pushed = tidy.commits[-1].at + lag
    opened = max(tidy.opened_at + lag, pushed)
    waits = timedelta(0) if tidy.closed_at is None else tidy.closed_at - max(tidy.opened_at, tidy.commits[-1].at)
    closed = None if tidy.closed_at is None else opened + max(waits, timedelta(minutes=1))
    is_over = closed is not None and closed < ends_at
    return replace(
        tidy,
        commits=(Commit(tidy.commits[-1].sha, pushed),) if pushed < ends_at else tidy.commits[:1],
        opened_at=opened,
        reviewed_at=tuple(sorted(each + lag for each in tidy.reviewed_at if each + lag < (closed or ends_at))),
        closed_at=closed if is_over else None,
        merge_sha=tidy.merge_sha if is_over else None,
    )


def add_bots(draws: Draws, plan: CompanyPlan, team: Team) -> Team:
    """Add merged pull requests of bots, at any hour."""
    merged = sum(each.merged for each in team.pull_requests)
    count = round(merged * BOT_SHARE / (1 - BOT_SHARE))
    numbers = dict.fromkeys(team.repositories, 1)
    for each in (*team.pull_requests, *team.unopened):
        numbers[each.repository] = max(numbers[each.repository], each.number + 1)
    bots = []
    for _ in range(count):
        repository = draws.choice(team.repositories)
        opened = plan.starts_at + (plan.ends_at - plan.starts_at) * draws.random()
        closed = opened + timedelta(hours=draws.heavy(BOT_WAIT_HOURS, 1.0))
        bots.append(
            PullRequest(
                repository=repository,
                number=numbers[repository],
                branch=f"bot/update-{draws.getrandbits(32):08x}",
                base_sha=draws.sha(),
                developer=0,
                commits=(Commit(draws.sha(), opened),),
                opened_at=opened,
                reviewed_at=(),
                closed_at=closed if closed < plan.ends_at else None,
                merge_sha=draws.sha() if closed < plan.ends_at else None,
                changed_lines=round(draws.heavy(BOT_LINES, 0.8)) + 1,
                changed_files=1,
                background=True,
                is_bot=True,
            )
        )
        numbers[repository] += 1
    return replace(team, pull_requests=(*team.pull_requests, *bots))
