"""Generated histories of repositories, equal for equal seeds."""

from datetime import UTC, datetime, timedelta
from random import Random

from tests.harness.forges.github_state import PullRequest, Repository


def make_repository(
    number: int, path: str, *, pull_requests: int, seed: int = 1, days: int = 300, releases: int = 3
) -> Repository:
    """Create a repository with recent pull requests: most are merged, 1 in 50 has several pages of commits."""
    draw = Random(seed)
    now = datetime.now(UTC).replace(microsecond=0)
    begins = now - timedelta(days=days)
    made = [_pull_request(draw, each, begins, now) for each in range(1, pull_requests + 1)]
    every = timedelta(days=days) / (releases + 1)
    released = [(f"v1.{each}.0", begins + every * each) for each in range(1, releases + 1)]
    tagged = [*released, (f"v0.{number}.0", begins + timedelta(days=1))]
    return Repository(number, path, begins, made, released, tagged)


def _pull_request(draw: Random, number: int, begins: datetime, now: datetime) -> PullRequest:
    opened_at = begins + timedelta(seconds=draw.randrange(int((now - begins).total_seconds() * 0.9)))
    commits = [(f"{number}-0", opened_at - timedelta(minutes=draw.randint(1, 300)))]
    reviews = []
    at = opened_at
    for each in range(1, 61 if number % 50 == 0 else draw.randint(1, 4)):
        at += timedelta(minutes=draw.randint(1, 120))
        commits.append((f"{number}-{each}", at))
    for each in range(draw.randint(0, 2)):
        at += timedelta(minutes=draw.randint(1, 120))
        reviews.append((number * 100 + each, at))
    ended = at + timedelta(minutes=draw.randint(1, 600))
    fate = draw.random()
    return PullRequest(
        number,
        f"branch-{number}",
        opened_at,
        commits,
        reviews,
        labels=("CANARY-label", f"CANARY-{number % 5}") if number % 3 == 0 else (),
        merged_at=ended if fate < 0.8 and ended < now else None,
        closed_at=ended if 0.8 <= fate < 0.9 and ended < now else None,
    )
