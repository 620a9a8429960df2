"""Short ways to write windows and pull requests, on a Monday and the days around it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from vocabulary.tokens import TokenCounts
from workers.attribution.model import Evidence, Facts, PullRequest, Window

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
SHOP, DOCS, FORK = b"repository shop", b"repository docs", b"repository fork"
SHOP_NAME, DOCS_NAME, FORK_NAME = b"name of shop", b"name of docs", b"name of fork"
REPOSITORIES = {SHOP_NAME: frozenset({SHOP}), DOCS_NAME: frozenset({DOCS}), FORK_NAME: frozenset({FORK})}


def at(hours: float) -> datetime:
    """An instant, in hours from the Monday's midnight."""
    return MONDAY + timedelta(hours=hours)


def pull_request(name: str, opened: float, ended: float | None = None, **known: Any) -> PullRequest:
    """A pull request of the shop, from the hour it was opened to the hour it was merged or closed."""
    activity = tuple(at(hours) for hours in known.pop("activity", ()))
    return PullRequest(
        artifact_id=name.encode(),
        opened_at=at(opened),
        ended_at=None if ended is None else at(ended),
        activity=activity,
        **{"repository_id": SHOP, "head_repository_id": SHOP, "number": b"number of " + name.encode()} | known,
    )


def window(hour: int, tokens: int = 1000, *, name: str = "", cost: int = 0, **evidence: bytes) -> Window:
    """A window of that hour with so many uncached input tokens."""
    return Window(
        window_id=f"window {hour} {name}".encode(),
        hour=at(hour),
        tokens=TokenCounts(tokens),
        cost_nano_usd=cost,
        model="claude-sonnet-4-5",
        evidence=Evidence(**evidence),
    )


def facts(*pull_requests: PullRequest, **commits: Iterable[bytes] | dict[bytes, float]) -> Facts:
    """Pull requests, the names of their repositories, and who holds which commit: since an hour, or all at once."""
    held = {
        commit.encode(): {each: at(holders[each] if isinstance(holders, dict) else 0) for each in holders}
        for commit, holders in commits.items()
    }
    return Facts(pull_requests, held, REPOSITORIES)
