"""Releases of merged pull requests."""

from datetime import datetime, timedelta
from typing import NamedTuple

from service.simulation.company import CompanyPlan, PullRequest, Release, Repository
from service.simulation.draws import Draws, to_working_time

DAYS_BETWEEN_RELEASES = 7.0


class _Merge(NamedTuple):
    at: datetime
    sha: str


def draw_releases(draws: Draws, plan: CompanyPlan, pull_requests: tuple[PullRequest, ...]) -> tuple[Release, ...]:
    """Draw about one release per week and repository, at the newest merge before it; skip weeks without merges."""
    merges: dict[Repository, list[_Merge]] = {}
    for pull_request in pull_requests:
        if pull_request.closed_at and pull_request.merge_sha:
            merges.setdefault(pull_request.repository, []).append(
                _Merge(pull_request.closed_at, pull_request.merge_sha)
            )
    releases = []
    for repository, merged in merges.items():
        shipped, minor, instant = None, draws.randrange(1, 20), plan.starts_at
        while (instant := _next_release_at(draws, instant)) < plan.ends_at:
            newest = max((merge for merge in merged if merge.at < instant), default=None)
            if newest is not None and newest != shipped:
                shipped, minor = newest, minor + 1
                releases.append(Release(repository, f"v1.{minor}.0", newest.sha, instant))
    return tuple(sorted(releases, key=lambda release: release.at))


def _next_release_at(draws: Draws, previous: datetime) -> datetime:
    return to_working_time(previous + timedelta(days=draws.uniform(0.7, 1.3) * DAYS_BETWEEN_RELEASES), draws)
