"""What a GitHub could not deliver during an outage and is asked to send again, over real HTTP."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import asyncpg
import httpx
import pytest

from schema.settings import Settings
from tests.harness.applications import application
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github import TOKEN, FakeGithub
from tests.harness.forges.github_hooks import Hook
from tests.harness.forges.histories import make_repository
from tests.harness.listening import listening
from tests.harness.organization import Organization

LIST = "/api/v3/repos/octo/shop/hooks/1/deliveries"


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


async def list_all(forge: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Every delivery, newest first, page by page."""
    found: list[dict[str, Any]] = []
    following: str | None = f"{LIST}?per_page=5"
    while following:
        answer = await forge.get(following)
        found += answer.json()
        following = answer.links.get("next", {}).get("url")
    return found


async def test_deliveries_missed_in_an_outage_are_stored_once_when_redelivered(
    service_url: str,
    organization: Organization,
    table: Callable[[str], Awaitable[list[asyncpg.Record]]],
    drain: Callable[[], Awaitable[None]],
) -> None:
    async with httpx.AsyncClient(base_url=service_url, headers=organization.headers) as client:
        made = (await client.post("/api/v1/connections", json={"forge": "github"})).json()
    fake = FakeGithub(QuickClock())
    shop = make_repository(1, "octo/shop", pull_requests=4)
    hook = fake.hooks[1] = Hook(1, f"{service_url}/webhooks/github/{made['id']}", made["secret"], fake.clock)
    for index, delivery in enumerate(reported := shop.deliveries()):
        hook.is_cut_off = index % 3 == 0
        await asyncio.to_thread(hook.send, delivery)
    hook.is_cut_off = False
    with fake.serve() as url:
        async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}) as forge:
            failed = [each for each in await list_all(forge) if each["status_code"] != 202]
            assert len(failed) == len(reported[::3]) > 2
            for each in failed:
                for _ in range(2):
                    assert (await forge.post(f"{LIST}/{each['id']}/attempts")).status_code == 202
            again = [each for each in await list_all(forge) if each["redelivery"]]
    assert {each["guid"] for each in again} == {each["guid"] for each in failed}
    assert len(again) == 2 * len(failed)
    assert {each["status_code"] for each in again} == {202}
    assert len(await table("delivery")) == len(reported)
    await drain()
    assert len(await table("pull_request")) == 4
