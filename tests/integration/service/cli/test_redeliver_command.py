"""`shipledger github redeliver`, from the terminal through the service and a worker to a GitHub and back."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest
from click.testing import CliRunner, Result

from schema.database import Database
from schema.settings import Settings
from service.app import create_app
from service.cli.main import main
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github import FakeGithub
from tests.harness.forges.histories import make_repository
from tests.harness.forges.repairs import Repairs
from tests.harness.listening import listening
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.forges.clients import Clients

SHOP = make_repository(1, "octo/shop", pull_requests=4)


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with listening(create_app(settings)) as url:
        yield url


@pytest.fixture
async def repairs(
    service_url: str,
    organization: Organization,
    database: Database,
    worker_context: WorkerContext,
    github_server: tuple[FakeGithub, str],
    clock: QuickClock,
) -> AsyncIterator[Repairs]:
    fake, url = github_server
    fake.repositories = {SHOP.path: SHOP}
    context = replace(worker_context, forges=Clients(allow_private=True, clock=clock))
    async with httpx.AsyncClient(base_url=service_url) as client:
        yield Repairs(client, organization, database, context, fake, url)


@asynccontextmanager
async def working(repairs: Repairs) -> AsyncIterator[None]:
    """Does every check that is due, and those that are to follow soon, at once."""

    async def work() -> None:
        while True:
            await repairs.work()
            await asyncio.sleep(0.2)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def run(url: str, organization: Organization, *arguments: str) -> Result:
    command = ["github", "redeliver", *arguments, "--url", url, "--key", organization.key]
    return await asyncio.to_thread(CliRunner().invoke, main, command)


async def test_it_starts_a_check_at_once_and_tells_what_came_back(
    repairs: Repairs, service_url: str, organization: Organization
) -> None:
    made, hook = await repairs.connect()
    await repairs.send(hook, SHOP.deliveries(), lost=3)
    lost = len(SHOP.deliveries()[::3])
    begun = await run(service_url, organization, "--no-wait", "--json")
    (shown,) = json.loads(begun.output)["items"]
    assert (shown["connection"], shown["state"], shown["found"]) == (made["id"], "running", 0)
    async with working(repairs):
        result = await run(service_url, organization)
    assert result.exit_code == 0, result.output
    assert f"connection {made['id']}, deliveries: well" in result.output
    assert "0 still missing" in result.output
    assert await repairs.counts(made) == (lost, lost, lost, 0)


async def test_a_check_that_fails_ends_with_its_reason(
    repairs: Repairs, service_url: str, organization: Organization
) -> None:
    await repairs.connect(token="ghp_CANARY_wrong")
    async with working(repairs):
        result = await run(service_url, organization)
    assert result.exit_code == 1
    assert "refuses the token" in result.output


async def test_without_a_token_it_says_what_to_do(
    repairs: Repairs, service_url: str, organization: Organization
) -> None:
    await repairs.connect(token=None)
    result = await run(service_url, organization)
    assert result.exit_code == 1
    assert "/token" in result.output
    assert "Traceback" not in result.output
