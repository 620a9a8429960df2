"""`shipledger teams sync` against a running service and a worker that looks at a fake forge."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from click.testing import CliRunner, Result

from service.cli.main import main
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github import TOKEN, FakeGithub
from tests.harness.forges.github_state import Repository
from tests.harness.forges.github_teams import Team
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.forges.clients import Clients
from workers.jobs.sync_teams import sync_teams

Sync = Callable[..., Awaitable[Result]]


@pytest.fixture
async def working(worker_context: WorkerContext, organization: Organization, clock: QuickClock) -> AsyncIterator[None]:
    """A worker looks again and again."""
    context = replace(worker_context, forges=Clients(allow_private=True, clock=clock))

    async def work() -> None:
        while True:
            await sync_teams(context, organization.organization_id)
            await asyncio.sleep(0.1)

    worker = asyncio.create_task(work())
    yield
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)


@pytest.fixture
def sync(service_url: str, organization: Organization) -> Sync:
    async def run(*arguments: str, command: str = "sync") -> Result:
        line = ["teams", command, *arguments, "--url", service_url, "--key", organization.key]
        return await asyncio.to_thread(CliRunner().invoke, main, line)

    return run


@pytest.fixture
async def connected(
    client: httpx.AsyncClient, organization: Organization, github_server: tuple[FakeGithub, str]
) -> FakeGithub:
    fake, url = github_server
    fake.repositories = {"octo/shop": Repository(1, "octo/shop", datetime(2026, 3, 2, tzinfo=UTC))}
    fake.teams.organizations = {"octo": [Team(11, "web", ["CANARY-anna", "CANARY-ben"], {"octo/shop": "ADMIN"})]}
    body = {"forge": "github", "base_url": url, "token": TOKEN}
    assert (await client.post("/api/v1/connections", json=body, headers=organization.headers)).is_success
    return fake


@pytest.mark.usefixtures("working", "connected")
async def test_it_is_seen_first_then_switched_on_done_at_once_and_switched_off(sync: Sync) -> None:
    dry = await sync("on", "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "web: 2 people (new)" in dry.stdout
    assert "nothing was changed (--dry-run)" in dry.stdout
    refused = await sync()
    assert refused.exit_code == 1
    assert "turn it on: shipledger teams sync on" in refused.output
    switched = await sync("on")
    assert switched.exit_code == 0, switched.output
    assert "synced" in switched.stdout
    teams = json.loads((await sync("--json", command="list")).stdout)["items"]
    assert [(each["name"], each["size"]) for each in teams] == [("default", None), ("web", 2)]
    # The worker of this test logs to the same place.
    [reported] = json.loads((await sync("--json")).stdout.splitlines()[-1])["items"]
    assert reported["report"]["teams"] == [
        {"name": "web", "people": 2, "before": 2, "is_new": False, "set_manually": False}
    ]
    off = await sync("off")
    assert (off.exit_code, "off" in off.stdout) == (0, True)
    assert (await sync()).exit_code == 1


@pytest.mark.usefixtures("working")
async def test_information_missing_from_the_forge_is_reported_with_advice(sync: Sync, connected: FakeGithub) -> None:
    connected.teams.may_read = False
    result = await sync("on")
    assert result.exit_code == 1
    assert "read:org" in result.stdout
    assert "some forges did not list their teams" in result.output


async def test_a_missing_usable_connection_is_reported(sync: Sync) -> None:
    result = await sync("on")
    assert result.exit_code == 1
    assert "no connection has access to teams" in result.output
    assert (await sync("--leave-out", "@octo/web")).exit_code == 2
