from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import httpx
import pytest

from schema.database import Database
from service.auth.sign_in import create_sign_in_link
from tests.harness.organization import Organization

NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
REPOSITORY = "github.com/octo-org/octo-repo"


@pytest.fixture
async def company(
    client: httpx.AsyncClient, organization: Organization, drain: Callable[[], Awaitable[None]]
) -> httpx.AsyncClient:
    """Two merged, an open and an abandoned pull request of one team, tokens on each of them and on none, settled."""
    client.headers.update(organization.headers)
    states = {
        1: {"state": "merged", "merged_at": "2026-11-18T18:00:00Z"},
        2: {"state": "merged", "merged_at": "2026-11-12T18:00:00Z"},
        3: {"state": "open"},
        4: {"state": "abandoned", "closed_at": "2026-11-18T19:00:00Z"},
    }
    pull_requests = [
        {
            "forge": "github",
            "repository": REPOSITORY,
            "number": number,
            "opened_at": f"2026-11-{9 if number == 2 else 16:02d}T08:00:00Z",
            "head_branch": f"branch-{number}",
            **state,
        }
        for number, state in states.items()
    ]
    events = [
        {
            "event_id": f"event-{number}",
            "occurred_at": f"2026-11-{10 if number == 2 else 17}T12:30:00Z",
            "source": "claude-code",
            "model": "claude-sonnet-4-5",
            "team": "web",
            "tokens": {"input_uncached": 100_000 * number, "output_visible": 7 * number},
            **({"repository": REPOSITORY, "branch": f"branch-{number}"} if number in states else {}),
        }
        for number in range(1, 6)
    ]
    team = {"name": "web", "repositories": [REPOSITORY]}
    for path, body in (
        ("teams", team),
        ("pull-requests", {"items": pull_requests}),
        ("token-events", {"items": events}),
    ):
        answer = await client.post(f"/api/v1/{path}", json=body)
        assert answer.is_success, answer.text
    await drain()
    return client


@pytest.fixture
async def signed_in(company: httpx.AsyncClient, database: Database, organization: Organization) -> httpx.AsyncClient:
    """Sign in to the pages of the company."""
    async with database.organization(organization.organization_id) as tenant:
        token = await create_sign_in_link(tenant)
    assert (await company.get(f"/sign-in/{token}")).status_code == 303
    return company
