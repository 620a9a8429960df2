"""One merged pull request, the release that shipped it, and one model request on its branch."""

from collections.abc import Awaitable, Callable

import httpx

from tests.harness.organization import Organization

REPOSITORY = "github.com/octo-org/web"
PULL_REQUEST = {
    "forge": "github",
    "repository": REPOSITORY,
    "number": 2201,
    "state": "merged",
    "head_branch": "one",
    "opened_at": "2026-11-18T08:00:00Z",
    "merged_at": "2026-11-18T15:00:00Z",
}
RELEASE = {
    "forge": "github",
    "repository": REPOSITORY,
    "tag": "v1.2.0",
    "state": "published",
    "released_at": "2026-11-18T20:00:00Z",
    "pull_requests": [2201],
}
EVENT = {
    "event_id": "one",
    "occurred_at": "2026-11-18T12:00:00Z",
    "source": "test",
    "provider": "anthropic",
    "model": "claude-sonnet-4-5",
    "repository": REPOSITORY,
    "branch": "one",
    "tokens": {"input_uncached": 100_000},
}


async def send_one_merge(
    client: httpx.AsyncClient, organization: Organization, drain: Callable[[], Awaitable[None]]
) -> None:
    """Send them, and settle their day."""
    for path, item in (("pull-requests", PULL_REQUEST), ("releases", RELEASE), ("token-events", EVENT)):
        sent = await client.post(f"/api/v1/{path}", json={"items": [item]}, headers=organization.headers)
        assert sent.is_success, sent.text
    await drain()
