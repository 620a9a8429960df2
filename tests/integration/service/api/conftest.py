"""A small company entered through the API: two merged pull requests, an open and an abandoned one, and their tokens."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import httpx
import pytest

from tests.harness.organization import Organization

Work: TypeAlias = Callable[[int], Awaitable[None]]

REPOSITORY = "github.com/octo-org/octo-repo"
DAY = "2026-11-18"

PULL_REQUESTS: list[dict[str, Any]] = [
    {"number": 1, "state": "merged", "head_branch": "one", "merged_at": f"{DAY}T15:00:00Z"},
    {"number": 2, "state": "merged", "head_branch": "two", "merged_at": f"{DAY}T18:00:00Z"},
    {"number": 3, "state": "open", "head_branch": "three"},
    {"number": 4, "state": "abandoned", "head_branch": "four", "closed_at": f"{DAY}T19:00:00Z"},
    {"number": 5, "state": "merged", "head_branch": "five", "merged_at": "2026-11-11T10:00:00Z"},
]


def pull_request(number: int, **values: Any) -> dict[str, Any]:
    """An item for POST /api/v1/pull-requests."""
    basis = {"forge": "github", "repository": REPOSITORY, "number": number, "opened_at": f"{DAY}T08:00:00Z"}
    return {**basis, **values}


def token_event(name: str, branch: str | None, tokens: int, **values: Any) -> dict[str, Any]:
    """An item for POST /api/v1/token-events: `tokens` of uncached input and as many of visible output."""
    event = {
        "event_id": name,
        "occurred_at": f"{DAY}T12:30:00Z",
        "source": "claude-code",
        "provider": "anthropic",
        "model": "claude-sonnet-4-5",
        "repository": REPOSITORY,
        "tokens": {"input_uncached": tokens, "output_visible": tokens},
    }
    return {**event, **({"branch": branch} if branch else {}), **values}


class Api:
    """The API as one organization's administrator uses it; `get` and `post` give JSON and assert the status."""

    def __init__(self, client: httpx.AsyncClient, organization: Organization, work: Work) -> None:
        self.client = client
        self.organization = organization
        self.work = work

    async def get(self, path: str, status: int = 200, **query: Any) -> Any:
        answer = await self.client.get(f"/api/v1/{path}", params=query, headers=self.organization.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def post(self, path: str, body: Any, status: int = 200) -> Any:
        answer = await self.client.post(f"/api/v1/{path}", json=body, headers=self.organization.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def save_team(self, body: Any, status: int = 200) -> Any:
        """Make or change a team and let a worker record it; the team as it is shown before and after."""
        made = await self.post("teams", body, status)
        await self.work(self.organization.organization_id)
        (team,) = [each for each in (await self.get("teams"))["items"] if each["id"] == made["id"]]
        assert team == made
        return made

    async def import_items(self, path: str, *items: dict[str, Any]) -> Any:
        """Send items and let a worker record them; what became of the import."""
        accepted = await self.post(path, {"items": items}, 202)
        await self.work(self.organization.organization_id)
        shown = await self.get(f"imports/{accepted['import_id']}")
        assert shown["state"] == "done"
        return shown


def outcomes(shown: dict[str, Any]) -> list[str]:
    """What became of each item of an import; its counts agree with them."""
    found = [each["outcome"] for each in shown["items"]]
    assert [each["index"] for each in shown["items"]] == list(range(shown["received"]))
    assert all(shown[outcome] == found.count(outcome) for outcome in ("new", "changed", "same", "refused"))
    return found


@pytest.fixture
def api(client: httpx.AsyncClient, organization: Organization, record_deliveries: Work) -> Api:
    return Api(client, organization, record_deliveries)


@pytest.fixture
def other_api(client: httpx.AsyncClient, other_organization: Organization, record_deliveries: Work) -> Api:
    return Api(client, other_organization, record_deliveries)


@pytest.fixture
async def company(api: Api, drain: Callable[[], Awaitable[None]]) -> Api:
    """The company above, settled: 200 tokens on #1, 400 on #2, 600 on #3, 800 on #4, none on #5."""
    items = [
        pull_request(**reported, opened_at="2026-11-10T10:00:00Z")
        if reported["number"] == 5
        else pull_request(**reported)
        for reported in PULL_REQUESTS
    ]
    await api.import_items("pull-requests", *items)
    events = [
        token_event("one", "one", 100),
        token_event("two", "two", 200, model="claude-opus-4-1"),
        token_event("three", "three", 300),
        token_event("four", "four", 400),
    ]
    await api.post("token-events", {"items": events})
    await drain()
    return api
