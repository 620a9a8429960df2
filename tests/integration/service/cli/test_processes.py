"""`shipledger service` and `shipledger worker` as processes, started and stopped as an operator does."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from schema.settings import Settings
from tests.harness.organization import Organization
from tests.harness.shipledger_up import command, environment_of, environment_with, run

Start = Callable[..., subprocess.Popen[bytes]]
EVENT = {
    "event_id": "one",
    "occurred_at": "2026-11-22T01:45:52Z",
    "source": "test",
    "tokens": {"input_uncached": 1200},
}


@pytest.fixture
def start(settings: Settings, tmp_path: Path) -> Iterator[Start]:
    running = []

    def begin(*arguments: str, **more: str) -> subprocess.Popen[bytes]:
        environment = {
            **environment_of(tmp_path),
            **environment_with(settings),
            **more,
        }
        with (tmp_path / "log").open("ab") as log:
            process = subprocess.Popen(command(*arguments), env=environment, stderr=log)
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def until_ready(url: str) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(30):
        while True:
            try:
                answer = await client.get(f"{url}/health/ready")
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                assert answer.status_code == 200
                return


async def until_said(log: Path, event: str) -> None:
    async with asyncio.timeout(30):
        while event not in log.read_text():  # noqa: ASYNC110, ASYNC240 - another process says it
            await asyncio.sleep(0.05)


async def ended(process: subprocess.Popen[bytes]) -> int:
    return await asyncio.to_thread(process.wait, 15)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_service_serves_and_ends_cleanly(
    start: Start, port: int, organization: Organization, number: signal.Signals
) -> None:
    service = start("service", "--port", str(port))
    await until_ready(f"http://127.0.0.1:{port}")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=organization.headers) as client:
        answer = await client.post("/api/v1/token-events", json={"items": [EVENT]})
        assert answer.json()["added"] == 1
        assert "server" not in answer.headers
    service.send_signal(number)
    assert await ended(service) == 0


async def test_a_busy_port_of_the_service_is_one_clear_line(tmp_path: Path, settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        secret = settings.secret_key.get_secret_value()
        arguments = ("service", "--port", str(taken.getsockname()[1]))
        refused = await asyncio.to_thread(run, tmp_path, *arguments, SHIPLEDGER_SECRET_KEY=secret)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: port ")
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["service", "worker"])
async def test_without_a_secret_key_neither_starts(tmp_path: Path, name: str) -> None:
    refused = await asyncio.to_thread(run, tmp_path, name)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: SHIPLEDGER_SECRET_KEY is not set")
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_worker_ends_soon_and_cleanly(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    worker = start("worker")
    await until_said(tmp_path / "log", "worker_started")
    asked = time.monotonic()
    os.kill(worker.pid, number)
    assert await ended(worker) == 0
    assert time.monotonic() - asked < 8


async def test_a_worker_starts_without_database_and_redis_and_logs_only_error_types(
    start: Start, tmp_path: Path
) -> None:
    url = "postgresql://CANARY@127.0.0.1:1/x"
    away = {"SHIPLEDGER_WORKER_DATABASE_URL": url, "REDIS_URL": "redis://:CANARY@127.0.0.1:1"}
    worker = start("worker", **away)
    log = tmp_path / "log"
    await until_said(log, "redis_unavailable")
    await until_said(log, "periodic_work_failed")
    assert worker.poll() is None
    assert "CANARY" not in log.read_text()
