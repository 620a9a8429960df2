"""Forges connected to the service in this process, and what became of what they sent."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace

import asyncpg
import httpx
import pytest

from schema.database import Database
from schema.settings import Settings
from tests.harness.applications import application
from tests.harness.forges.app_set_up import AppSetUp
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github import FakeGithub
from tests.harness.forges.repairs import Repairs
from tests.harness.listening import listening
from tests.harness.organization import Organization
from tests.harness.webhooks import Forge
from workers.context import WorkerContext
from workers.forges.clients import Clients

Rows = Callable[[], Awaitable[list[asyncpg.Record]]]
Table = Callable[[str], Awaitable[list[asyncpg.Record]]]


@pytest.fixture
async def github(client: httpx.AsyncClient, organization: Organization) -> Forge:
    return await Forge.connect(client, organization, "github")


@pytest.fixture
async def gitlab(client: httpx.AsyncClient, organization: Organization) -> Forge:
    return await Forge.connect(client, organization, "gitlab")


@pytest.fixture
def table(database: Database, organization: Organization) -> Table:
    """All rows of a table of the organization, or of `table ORDER BY ...`."""

    async def fetch(source: str) -> list[asyncpg.Record]:
        name, _, order = source.partition(" ")
        async with database.organization(organization.organization_id) as tenant:
            return await tenant.fetch(f"SELECT * FROM {name} WHERE organization_id = $1 {order}")

    return fetch


@pytest.fixture
def deliveries(table: Table) -> Rows:
    """Stored deliveries in the order in which they came."""
    return lambda: table("delivery ORDER BY delivery_id")


@pytest.fixture
def app_set_up(
    client: httpx.AsyncClient,
    organization: Organization,
    github_server: tuple[FakeGithub, str],
    worker_context: WorkerContext,
    clock: QuickClock,
) -> AppSetUp:
    context = replace(worker_context, forges=Clients(allow_private=True, clock=clock))
    return AppSetUp(client, organization, *github_server, context)


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
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
    context = replace(worker_context, forges=Clients(allow_private=True, clock=clock))
    async with httpx.AsyncClient(base_url=service_url) as client:
        yield Repairs(client, organization, database, context, fake, url)
