"""Which requests versions of prompts are compared by, from token events to arrays."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import httpx

from schema.database import Database
from tests.harness.organization import Organization
from workers.statistics.version_changes import VersionUses
from workers.stores.spend import version_uses

TODAY = date(2026, 11, 25)
Drain = Callable[[], Awaitable[None]]


def event(name: str, day: str, prompt: str, team: str = "web", **tokens: int) -> dict[str, Any]:
    return {
        "event_id": name,
        "occurred_at": f"{day}T10:00:00Z",
        "source": "test",
        "provider": "anthropic",
        "model": "claude-sonnet-4-5",
        "team": team,
        "prompt_template": prompt,
        "tokens": tokens,
    }


async def load(database: Database, organization: Organization) -> VersionUses:
    async with database.organization(organization.organization_id) as tenant:
        return await version_uses.load(tenant, "prompt_template", TODAY, 5)


async def test_requests_are_summed_by_version_team_and_week(
    client: httpx.AsyncClient, database: Database, organization: Organization, drain: Drain
) -> None:
    items = [
        event("one", "2026-11-10", "review/6", input_uncached=100, cache_read=20, output_visible=5),
        event("two", "2026-11-12", "review/6", input_uncached=50),
        event("three", "2026-11-17", "review/7", input_uncached=80),
        event("four", "2026-11-17", "", input_uncached=999),
        event("old", "2026-03-02", "review/5", input_uncached=7),
    ]
    sent = await client.post("/api/v1/token-events", json={"items": items}, headers=organization.headers)
    assert sent.is_success, sent.text
    await drain()

    found = await load(database, organization)

    rows = sorted(zip(found.versions, found.requests, found.amounts["input_tokens"], strict=True))
    assert rows == [("review/6", 2, 170), ("review/7", 1, 80)]
    weeks = dict(zip(found.versions, found.week.tolist(), strict=True))
    assert weeks["review/7"] - weeks["review/6"] == 1
    # Nothing of it was spent on a pull request.
    assert found.amounts["ended"].tolist() == [0, 0]


async def test_a_team_with_too_few_people_is_left_out_beside_others(
    client: httpx.AsyncClient, database: Database, organization: Organization, drain: Drain
) -> None:
    items = [event(team, "2026-11-17", "review/7", team, input_uncached=80) for team in ("web", "small")]
    sent = await client.post("/api/v1/token-events", json={"items": items}, headers=organization.headers)
    assert sent.is_success, sent.text
    await drain()
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute("UPDATE team SET size = 2 WHERE organization_id = $1 AND name = 'small'")

    assert len((await load(database, organization)).versions) == 1
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute("UPDATE team SET size = 5 WHERE organization_id = $1 AND name = 'small'")
    assert len((await load(database, organization)).versions) == 2
