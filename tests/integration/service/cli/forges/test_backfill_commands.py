"""`shipledger github backfill`, from the terminal through the service and a worker to a GitHub and back."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import httpx
import pytest
from click.testing import CliRunner, Result

from schema.database import Database
from schema.settings import Settings
from service.cli.main import main
from tests.harness.applications import application
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github import TOKEN, FakeGithub
from tests.harness.forges.histories import make_repository
from tests.harness.listening import listening
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.forges.clients import Clients
from workers.jobs.backfill import backfill


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


@pytest.fixture
def github() -> Iterator[tuple[FakeGithub, str]]:
    fake = FakeGithub(QuickClock())
    fake.repositories = {"octo/shop": make_repository(1, "octo/shop", pull_requests=60)}
    with fake.serve() as url:
        yield fake, url


@pytest.fixture
async def worker(worker_context: WorkerContext, organization: Organization) -> AsyncIterator[None]:
    """Does every step that is due, as the sweep would have it."""
    context = replace(worker_context, forges=Clients(allow_private=True))

    async def work() -> None:
        while True:
            await backfill(context, organization.organization_id)
            await asyncio.sleep(0.05)

    working = asyncio.create_task(work())
    yield
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def run(url: str, organization: Organization, *arguments: str) -> Result:
    command = ["github", "backfill", *arguments, "--url", url, "--key", organization.key]
    return await asyncio.to_thread(CliRunner().invoke, main, command)


async def connect(url: str, organization: Organization, forge_url: str, token: str) -> None:
    async with httpx.AsyncClient(base_url=url, headers=organization.headers) as client:
        body = {"forge": "github", "base_url": forge_url, "token": token}
        answer = await client.post("/api/v1/connections", json=body)
        assert answer.status_code == 201, answer.text
        assert token not in answer.text
        shown = await client.get("/api/v1/connections")
        assert shown.json()["items"][-1]["has_token"]
        assert token not in shown.text


@pytest.mark.usefixtures("worker")
async def test_backfill_waits_until_everything_is_fetched_and_prints_the_counts(
    service_url: str, github: tuple[FakeGithub, str], organization: Organization, database: Database
) -> None:
    await connect(service_url, organization, github[1], TOKEN)
    result = await run(service_url, organization)
    assert result.exit_code == 0, result.output
    assert "1 of 1 repositories" in result.stdout
    assert "60 pull requests and 3 releases in" in result.stdout
    async with database.organization(organization.organization_id) as tenant:
        assert await tenant.connection.fetchval("SELECT count(*) FROM pull_request") == 60


@pytest.mark.usefixtures("worker")
async def test_as_json_it_prints_one_object(
    service_url: str, github: tuple[FakeGithub, str], organization: Organization
) -> None:
    await connect(service_url, organization, github[1], TOKEN)
    result = await run(service_url, organization, "--json", "--dry-run", "--repository", "octo/shop")
    assert result.exit_code == 0, result.output
    [shown] = json.loads(result.stdout)["items"]
    assert (shown["state"], shown["expected_pull_requests"], shown["pull_requests"]) == ("done", 60, 0)


@pytest.mark.usefixtures("worker")
async def test_what_cannot_be_fetched_is_said_with_status_1(
    service_url: str, github: tuple[FakeGithub, str], organization: Organization
) -> None:
    result = await run(service_url, organization)
    assert result.exit_code == 1
    assert "no connection to github has an access token" in result.stderr
    await connect(service_url, organization, github[1], "another-token")
    result = await run(service_url, organization)
    assert result.exit_code == 1
    assert "1 failed: The forge refuses the access token." in result.stdout


async def test_without_waiting_it_leaves_the_work_to_workers(
    service_url: str, github: tuple[FakeGithub, str], organization: Organization
) -> None:
    await connect(service_url, organization, github[1], TOKEN)
    result = await run(service_url, organization, "--no-wait", "--since", "2026-01-01", "--json")
    assert result.exit_code == 0
    [shown] = json.loads(result.stdout)["items"]
    assert (shown["state"], shown["since"][:10]) == ("running", "2026-01-01")
    assert github[0].requests == []
