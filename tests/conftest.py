"""Fixtures: a real database and Redis, the service and the workers' jobs in this process, and the invariants."""

import importlib
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import redis
import structlog

from schema.database import Database
from schema.key_ring import KeyRing
from schema.organization_keys import OrganizationKeys
from schema.queue import Queue
from schema.settings import Settings
from tests.harness.applications import application
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github import FakeGithub
from tests.harness.invariants import (
    assert_bills_reconcile,
    assert_conservation,
    assert_ledger_balances,
    assert_no_identity,
)
from tests.harness.organization import Organization, make_organization
from tests.harness.pooler import pooler
from tests.harness.servers import (
    TEMPLATE,
    Administration,
    postgres,
    quickest_folder,
    redis_server,
    url_of,
    urls_of_processes,
)
from tests.harness.service import serve

MASTER_SECRET = "a secret of the tests, long enough to be one"
SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture
def shared() -> Path:
    """Return the folder of reference data next to the project."""
    if not (SHARED / "DESIGN.md").exists():
        pytest.skip("the reference data (../shared) is not next to the project")
    return SHARED


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Undo what a command that ran in this process did to the logs: it keeps the stream and repeats no problem."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session", autouse=True)
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide a `shipledger up` that runs on this machine: commands would take its settings."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def postgres_socket() -> Iterator[str]:
    with postgres(parent=quickest_folder()) as socket_folder:
        yield socket_folder


@pytest.fixture(scope="session")
def pooler_socket(postgres_socket: str) -> Iterator[str | None]:
    """Run PgBouncer before PostgreSQL for service and workers if SHIPLEDGER_TEST_POOLER is set."""
    if not os.environ.get("SHIPLEDGER_TEST_POOLER"):
        yield None
        return
    with pooler(postgres_socket) as socket_folder:
        yield socket_folder


@pytest.fixture(scope="session")
def redis_session_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture
def redis_url(redis_session_url: str) -> str:
    """Return the URL of an empty Redis."""
    client = redis.Redis.from_url(redis_session_url)
    client.flushall()
    client.close()
    return redis_session_url


@pytest.fixture(scope="session")
def administration(postgres_socket: str) -> Iterator[Administration]:
    administration = Administration(postgres_socket)
    yield administration
    administration.close()


@asynccontextmanager
async def fresh_database(administration: Administration, redis_url: str) -> AsyncIterator[str]:
    """Create a database from the template for one test, and check the invariants in it afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    administration.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER shipledger STRATEGY FILE_COPY")
    yield url_of(administration.socket_folder, name)
    connection = await asyncpg.connect(url_of(administration.socket_folder, name, "postgres"))
    try:
        await assert_conservation(connection)
        await assert_ledger_balances(connection)
        await assert_bills_reconcile(connection)
        await assert_no_identity(connection, redis_url)
    finally:
        await connection.close()
        administration.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database_url(administration: Administration, redis_url: str) -> AsyncIterator[str]:
    """Return the owner's URL of a new migrated database."""
    async with fresh_database(administration, redis_url) as url:
        yield url


@pytest.fixture
def settings(database_url: str, redis_url: str, pooler_socket: str | None) -> Settings:
    return Settings(
        **urls_of_processes(database_url, pooler_socket),
        transaction_pooling=pooler_socket is not None,
        redis_url=redis_url,
        secret_key=MASTER_SECRET,
        refit_pause=timedelta(),
        estimate_pause=timedelta(),
        trial_wait=timedelta(),
        _env_file=None,
    )


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Return the database as its owner, for what tests set up and look at."""
    async with opened(database_url) as database:
        yield database


@asynccontextmanager
async def opened(url: str, *, is_pooled: bool = False) -> AsyncIterator[Database]:
    database = Database(url, is_pooled=is_pooled)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def organization(database: Database) -> Organization:
    return await make_organization(database, MASTER_SECRET)


@pytest.fixture
async def other_organization(database: Database, organization: Organization) -> Organization:  # noqa: ARG001 - after the first
    """Create a second organization, to show that it cannot access the first."""
    return await make_organization(database, MASTER_SECRET, "another")


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Run the service in this process, started and stopped as in production."""
    with application(settings) as app:
        async with serve(app) as client:
            yield client


@pytest.fixture
async def queue(redis_url: str) -> AsyncIterator[Queue]:
    queue = Queue(redis_url)
    yield queue
    await queue.close()


@pytest.fixture
async def worker_context(settings: Settings, queue: Queue) -> AsyncIterator[Any]:
    """Return the context of jobs, in the role of workers."""
    from workers.context import WorkerContext

    async with opened(settings.worker_url, is_pooled=settings.transaction_pooling) as database:
        keys = OrganizationKeys(database, KeyRing.of(MASTER_SECRET))
        yield WorkerContext(settings=settings, database=database, queue=queue, organization_keys=keys)


async def run_jobs(worker_context: Any) -> None:
    """Run every job of every organization, in the order of the flow."""
    async with worker_context.database.sweep() as swept:
        rows = await swept.connection.fetch("SELECT organization_id FROM organization ORDER BY organization_id")
    for (organization_id,) in rows:
        for job in (
            "process_deliveries",
            "record_team_changes",
            "fold_token_events",
            "estimate_gateway_tokens",
            "reprice_windows",
            "settle_days",
            "calibrate_intervals",
            "reconcile_days",
            "roll_up_spend",
        ):
            module = importlib.import_module(f"workers.jobs.{job}")
            await getattr(module, job)(worker_context, organization_id)


@pytest.fixture
def drain(worker_context: Any) -> Callable[[], Awaitable[None]]:
    """Return a function that runs every job of every organization, in the order of the flow."""

    async def run() -> None:
        await run_jobs(worker_context)

    return run


@pytest.fixture
def record_deliveries(worker_context: Any) -> Callable[[int], Awaitable[None]]:
    """Return a function that runs an organization's jobs for deliveries, imports and changes of teams."""

    async def run(organization_id: int) -> None:
        for job in ("process_deliveries", "record_team_changes"):
            module = importlib.import_module(f"workers.jobs.{job}")
            await getattr(module, job)(worker_context, organization_id)

    return run


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


@pytest.fixture
def github_server(clock: QuickClock) -> Iterator[tuple[FakeGithub, str]]:
    fake = FakeGithub(clock)
    with fake.serve() as url:
        yield fake, url
