import socket
from contextlib import suppress
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from schema.queue import Job
from schema.settings import Settings
from workers import metrics
from workers.metrics import serve_metrics
from workers.runner import JobRunner


@pytest.fixture
def port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        number: int = taken.getsockname()[1]
    return number


def settings(port: int | None) -> Settings:
    return Settings(worker_metrics_port=port, _env_file=None)


def reported(port: int) -> str:
    return httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).raise_for_status().text


async def test_prometheus_reads_how_long_jobs_worked_and_which_ended_early(port: int) -> None:
    class Context:
        settings = Settings(_env_file=None)

    async def fail(_context: Any, _organization_id: int) -> None:
        raise ValueError("CANARY in an error's text")

    async with serve_metrics(settings(port)):
        await JobRunner(Context(), {Job.BACKFILL: fail}).run(Job.BACKFILL, 7)  # type: ignore[arg-type]  # all it needs
        text = reported(port)
    assert 'shipledger_job_seconds_count{job="backfill"}' in text
    assert 'shipledger_job_failures_total{job="backfill"}' in text
    assert "CANARY" not in text


async def test_remaining_rate_limits_of_forges_are_exposed(port: int) -> None:
    from workers.forges.transport import BUDGET_REMAINING

    BUDGET_REMAINING.labels("connection of the test", "core").set(4711)
    async with serve_metrics(settings(port)):
        text = reported(port)
    assert 'shipledger_forge_budget_remaining{connection="connection of the test",resource="core"} 4711.0' in text


async def test_nothing_listens_once_the_worker_ends_or_where_no_port_is_set(port: int) -> None:
    async with serve_metrics(settings(port)):
        reported(port)
    async with serve_metrics(settings(None)):
        with pytest.raises(httpx.ConnectError):
            reported(port)


async def test_an_occupied_port_is_logged_and_does_not_stop_work() -> None:
    with socket.socket() as taken, capture_logs() as logs:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        async with serve_metrics(settings(taken.getsockname()[1])):
            pass
    assert [entry["event"] for entry in logs] == ["worker_metrics_port_unavailable"]


async def test_clients_that_stay_are_cut_off_and_prometheus_is_served(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "SECONDS", 0.2)
    async with serve_metrics(settings(port)):
        held = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(metrics.CONNECTIONS + 1)]
        for each in held:
            each.send(b"GET /metrics HTTP/1.1\r\n")
        for each in held:
            with suppress(ConnectionError):
                each.recv(1)
            each.close()
        assert "shipledger_job" in reported(port)
