"""Workers killed at any point, a Redis emptied or away: nothing is lost and nothing counts twice.

A simulated company is sent through the real endpoints while real worker processes run, and are killed. That tokens at
the door equal tokens in windows and in the ledger, kind by kind, is checked after every test by the fixture
`database_url`; here it is checked that everything sent was seen to at all.
"""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import pytest
import redis
from structlog.testing import capture_logs

from schema.database import Database
from schema.settings import Settings
from service.app import create_app
from service.simulation.company import Company
from service.simulation.github_payloads import Webhook, company_webhooks
from service.simulation.otlp_bodies import CONTENT_TYPE, company_bodies
from service.simulation.plans import plan_company
from service.simulation.simulator import simulate_company
from tests.harness.organization import Organization
from tests.harness.servers import start_redis
from tests.harness.service import serve
from tests.harness.shipledger_up import environment_with

SECONDS = 30.0
KILLS = 4


@pytest.fixture(scope="module")
def company() -> Company:
    return simulate_company(plan_company(seed=7, ends_at=datetime(2026, 11, 22, tzinfo=UTC), weeks=3, teams=3))


class Workers:
    """Worker processes, as `shipledger worker` starts them."""

    def __init__(self, settings: Settings, log: Path, sweep_interval: str = "PT0.3S") -> None:
        self._environment = {
            **os.environ,
            **environment_with(settings),
            "SHIPLEDGER_SWEEP_INTERVAL": sweep_interval,
            "SHIPLEDGER_REFIT_PAUSE": "PT0S",
        }
        self._log = log
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            process = subprocess.Popen([sys.executable, "-m", "workers.main"], env=self._environment, stderr=log)
        self.running.append(process)
        return process

    def kill_all(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()
        self.running.clear()

    def said(self) -> str:
        return self._log.read_text() if self._log.exists() else ""


@pytest.fixture
def workers(settings: Settings, tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(settings, tmp_path / "log")
    yield workers
    workers.kill_all()


@dataclass(frozen=True)
class Sender:
    """Sends the company's requests as its forge and agents would."""

    client: httpx.AsyncClient
    organization: Organization
    hook: dict[str, str]

    async def send_all(self, company: Company) -> None:
        await asyncio.gather(self.send(company_webhooks(company)), self.send_telemetry(company_bodies(company)))

    async def send(self, webhooks: Sequence[Webhook]) -> None:
        for webhook in webhooks:
            headers = webhook.headers(self.hook["secret"])
            answer = await self.client.post(
                f"/webhooks/github/{self.hook['id']}", content=webhook.body, headers=headers
            )
            assert answer.status_code == 202

    async def send_telemetry(self, bodies: Sequence[bytes]) -> None:
        headers = {**self.organization.headers, "Content-Type": CONTENT_TYPE}
        for body in bodies:
            answer = await self.client.post("/v1/logs", content=body, headers=headers)
            assert answer.status_code == 200


async def make_sender(client: httpx.AsyncClient, organization: Organization) -> Sender:
    made = await client.post("/api/v1/connections", json={"forge": "github"}, headers=organization.headers)
    return Sender(client, organization, made.json())


@pytest.fixture
async def sender(client: httpx.AsyncClient, organization: Organization) -> Sender:
    return await make_sender(client, organization)


async def counted(database: Database, organization: Organization, statement: str) -> int:
    async with database.organization(organization.organization_id) as tenant:
        return int(await tenant.fetchval(statement))


async def waiting(database: Database, organization: Organization) -> int:
    return await counted(
        database,
        organization,
        """
        SELECT (SELECT count(*) FROM delivery WHERE organization_id = $1 AND state = 'waiting')
             + (SELECT count(*) FROM intake_batch WHERE organization_id = $1 AND state = 'waiting')
             + (SELECT count(*) FROM session_evidence WHERE organization_id = $1 AND state = 'waiting')
             + (SELECT count(*) FROM settlement WHERE organization_id = $1 AND state = 'waiting')
        """,
    )


async def until(condition: Callable[[], Awaitable[bool]], look_every: float = 0.02) -> None:
    async with asyncio.timeout(SECONDS):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(look_every)


async def until_nothing_waits(database: Database, organization: Organization, said: Callable[[], str]) -> None:
    async def nothing_waits() -> bool:
        return await waiting(database, organization) == 0

    await until(nothing_waits)
    assert "Traceback" not in said()


async def assert_all_of_it_counts_once(database: Database, organization: Organization, company: Company) -> None:
    """The simulation knows what it sent; every table of what is derived holds exactly that."""
    total = "input_uncached + cache_read + cache_write + output_visible + output_reasoning"
    for table in ("intake_total", "token_window", "attribution", "attribution_rollup"):
        statement = f"SELECT coalesce(sum({total}), 0) FROM {table} WHERE organization_id = $1"
        assert await counted(database, organization, statement) == company.tokens, table
    pull_requests = sum(len(team.pull_requests) for team in company.teams)
    everything = "SELECT count(*) FROM pull_request WHERE organization_id = $1"
    assert await counted(database, organization, everything) == pull_requests
    assert await counted(database, organization, f"{everything} AND state = 'merged'") == company.merged_pull_requests
    dead = "SELECT count(*) FROM delivery WHERE organization_id = $1 AND state = 'dead'"
    assert await counted(database, organization, dead) == 0


async def test_workers_killed_at_any_point_lose_nothing_and_count_nothing_twice(
    workers: Workers, sender: Sender, database: Database, organization: Organization, company: Company
) -> None:
    """Two at once, killed by kill -9 when a drawn part of what waited is left, while data pours in.

    The moment is drawn by what is left and not by a clock: a quick machine would be done before any clock rang.
    """
    draw = random.Random(20261122)
    webhooks, bodies = company_webhooks(company), company_bodies(company)
    cut_off = 0
    for kill in range(KILLS):
        await sender.send_telemetry(bodies[kill::KILLS])
        share = webhooks[len(webhooks) * kill // KILLS : len(webhooks) * (kill + 1) // KILLS]
        await sender.send(share[::2])
        before = await waiting(database, organization)
        started = [workers.start(), workers.start()]
        pouring = asyncio.create_task(sender.send(share[1::2]))
        left = draw.randint(before // 4, before - 1)
        await until(partial(_no_more_waits_than, left, database, organization), look_every=0.001)
        assert [process.poll() for process in started] == [None, None]
        workers.kill_all()
        cut_off += await waiting(database, organization) > 0
        await pouring
    assert cut_off >= KILLS // 2, "most workers were killed when all was done: nothing was tested"
    workers.start()
    await until_nothing_waits(database, organization, workers.said)
    await assert_all_of_it_counts_once(database, organization, company)


async def _no_more_waits_than(left: int, database: Database, organization: Organization) -> bool:
    return await waiting(database, organization) <= left


async def test_a_redis_emptied_while_jobs_wait_loses_nothing(
    workers: Workers,
    sender: Sender,
    database: Database,
    organization: Organization,
    company: Company,
    redis_url: str,
) -> None:
    await sender.send_all(company)
    assert await waiting(database, organization) > 0
    client = redis.Redis.from_url(redis_url)
    assert client.zcard("shipledger:queue"), "no wake-up was waiting, so none could be lost"
    client.flushall()
    workers.start()
    for _ in range(10):
        await asyncio.sleep(0.1)
        client.flushall()
    client.close()
    await until_nothing_waits(database, organization, workers.said)
    await assert_all_of_it_counts_once(database, organization, company)


async def test_everything_is_taken_in_and_seen_to_while_redis_is_away(
    settings: Settings, database: Database, organization: Organization, company: Company, tmp_path: Path
) -> None:
    without_redis = settings.model_copy(update={"redis_url": f"unix://{tmp_path / 'nothing.sock'}"})
    workers = Workers(without_redis, tmp_path / "log")
    async with serve(create_app(without_redis)) as client:
        sender = await make_sender(client, organization)
        workers.start()
        try:
            await sender.send_all(company)
            await until_nothing_waits(database, organization, workers.said)
        finally:
            workers.kill_all()
    assert "sweep_running_without_redis" in workers.said()
    await assert_all_of_it_counts_once(database, organization, company)


async def test_an_installation_without_redis_sees_to_everything_and_logs_nothing_about_it(
    settings: Settings, database: Database, organization: Organization, company: Company, tmp_path: Path
) -> None:
    """No sweep comes here: what is processed was found by polling."""
    without_redis = settings.model_copy(update={"redis_url": ""})
    workers = Workers(without_redis, tmp_path / "log", sweep_interval="PT1H")
    async with serve(create_app(without_redis)) as client:
        sender = await make_sender(client, organization)
        workers.start()
        try:
            with capture_logs() as logs:
                await sender.send_all(company)
            await until_nothing_waits(database, organization, workers.said)
        finally:
            workers.kill_all()
    assert not [entry for entry in logs if entry["log_level"] != "info"]
    assert "redis" not in workers.said().partition("worker_started")[2].partition("\n")[2]
    await assert_all_of_it_counts_once(database, organization, company)


async def test_a_worker_listens_again_once_redis_is_back(
    settings: Settings, database: Database, organization: Organization, company: Company, tmp_path: Path
) -> None:
    """Its sweep comes once an hour here: what is processed was woken through Redis."""
    socket = tmp_path / "redis.sock"
    own_redis = settings.model_copy(update={"redis_url": f"unix://{socket}"})
    workers = Workers(own_redis, tmp_path / "log", sweep_interval="PT1H")
    server = start_redis(socket)
    *webhooks, last = company_webhooks(company)
    try:
        async with serve(create_app(own_redis)) as client:
            sender = await make_sender(client, organization)
            workers.start()
            await sender.send_telemetry(company_bodies(company))
            await until_nothing_waits(database, organization, workers.said)
            server.kill()
            server.wait()
            await sender.send(webhooks)
            assert await waiting(database, organization) == len(webhooks)
            await until(lambda: _says(workers, "redis_unavailable"))
            server = start_redis(socket)
            await sender.send([last])
            await until_nothing_waits(database, organization, workers.said)
    finally:
        workers.kill_all()
        server.kill()
        server.wait()
    await assert_all_of_it_counts_once(database, organization, company)


async def _says(workers: Workers, event: str) -> bool:
    return event in workers.said()
