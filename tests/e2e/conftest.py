"""The service over real HTTP, a company in it, and a real Chromium in front of it."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, async_playwright

from schema.database import Database
from schema.key_ring import KeyRing
from schema.organization_keys import OrganizationKeys
from schema.queue import Queue
from schema.settings import Settings
from service.auth.sign_in import create_sign_in_link
from service.client import Address
from service.http.listening_socket import listen, local_url
from tests.conftest import MASTER_SECRET, fresh_database, run_jobs
from tests.harness.organization import Organization, make_organization
from tests.harness.servers import Administration, urls_of_processes
from workers.context import WorkerContext

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# A browser that asks nobody but us; the sandbox needs rights that containers lack.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Site:
    """A running service and the organization in it."""

    url: str
    database: Database
    organization: Organization

    @property
    def address(self) -> Address:
        return Address(self.url, self.organization.key)

    async def sign_in_link(self) -> str:
        async with self.database.organization(self.organization.organization_id) as tenant:
            token = await create_sign_in_link(tenant)
        return f"{self.url}/sign-in/{token}"


@pytest.fixture
async def site(settings: Settings, database: Database, organization: Organization) -> AsyncIterator[Site]:
    async with serving(settings, database, organization) as site:
        yield site


@asynccontextmanager
async def serving(settings: Settings, database: Database, organization: Organization) -> AsyncIterator[Site]:
    """Serve over real HTTP."""
    from service.app import create_app

    # Few weeks are not enough for teams of the simulated company to be compared otherwise.
    app = create_app(settings.model_copy(update={"comparison_pull_requests": 1}))
    with listen("127.0.0.1", 0) as listening:
        config = uvicorn.Config(app, lifespan="on", log_config=None, log_level="error", ws="none")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event for it
            await asyncio.sleep(0.02)
        yield Site(local_url(listening), database, organization)
        server.should_exit = True
        await serving


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def company_site(administration: Administration, redis_session_url: str) -> AsyncIterator[Site]:
    """Six weeks of a simulated company, settled, for all tests that only look; they need `loop_scope="session"`."""
    async with fresh_database(administration, redis_session_url) as url:
        settings = Settings(
            **urls_of_processes(url),
            redis_url=redis_session_url,
            secret_key=MASTER_SECRET,
            refit_pause=timedelta(),
            estimate_pause=timedelta(),
            _env_file=None,
        )
        database, of_workers, queue = Database(url), Database(settings.worker_url), Queue(redis_session_url)
        await database.open()
        await of_workers.open()
        organization = await make_organization(database, MASTER_SECRET)
        keys = OrganizationKeys(of_workers, KeyRing.of(MASTER_SECRET))
        context = WorkerContext(settings=settings, database=of_workers, queue=queue, organization_keys=keys)
        async with serving(settings, database, organization) as site:
            await simulate(site, weeks=6)
            await run_jobs(context)
            yield site
        await queue.close()
        await of_workers.close()
        await database.close()


async def simulate(site: Site, weeks: int) -> None:
    """Send the weeks of a simulated company up to now, as its forge and agents would."""
    from service.cli.demo.company_sending import Bodies, Hook, deliver
    from service.simulation.company import FORGE_HOST
    from service.simulation.plans import plan_company
    from service.simulation.simulator import simulate_company

    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    company = simulate_company(plan_company(seed=1, ends_at=now, weeks=weeks, teams=2))
    async with httpx.AsyncClient(base_url=site.url, headers=site.organization.headers, timeout=30) as client:
        for team in company.teams:
            body = {
                "name": team.plan.name,
                "size": team.plan.size,
                "telemetry_ids": [team.plan.name],
                "repositories": [f"{FORGE_HOST}/{repository.path}" for repository in team.repositories],
            }
            (await client.post("/api/v1/teams", json=body)).raise_for_status()
        made = (await client.post("/api/v1/connections", json={"forge": "github"})).raise_for_status().json()
    await deliver(Bodies(company), site.address, Hook(made["id"], made["secret"]), lambda _: None)


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests that need `loop_scope="session"`."""
    async with launched() as browser:
        yield browser


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if path is None:
        reason = f"no Chromium on this machine (looked for {', '.join(CHROMIUM_NAMES)})"
        if os.environ.get("SHIPLEDGER_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        await browser.close()
