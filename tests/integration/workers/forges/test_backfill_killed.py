"""Real worker processes, started as in production and killed in the middle of a backfill."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schema.settings import Settings
from tests.harness.forges.backfills import Backfills
from tests.harness.forges.github import FakeGithub
from tests.harness.forges.histories import make_repository
from tests.harness.shipledger_up import environment_with

SECONDS = 40.0


@pytest.fixture
def start(settings: Settings, tmp_path: Path) -> Callable[[], subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        **environment_with(settings),
        "SHIPLEDGER_SWEEP_INTERVAL": "PT0.2S",
        "SHIPLEDGER_ALLOW_PRIVATE_HOSTS": "true",
    }

    def run() -> subprocess.Popen[bytes]:
        with (tmp_path / "log").open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", "workers.main"], env=environment, stdout=log, stderr=log)

    return run


async def until(
    backfills: Backfills, begun: dict[str, Any], reached: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    deadline = time.monotonic() + SECONDS
    while not reached(shown := await backfills.show(begun)):
        assert time.monotonic() < deadline, shown
        await backfills.pause()
    return shown


async def test_a_killed_worker_s_successor_goes_on_with_the_same_page(
    backfills: Backfills,
    github_server: tuple[FakeGithub, str],
    start: Callable[[], subprocess.Popen[bytes]],
    tmp_path: Path,
) -> None:
    fake, url = github_server
    fake.repositories = {"octo/shop": make_repository(1, "octo/shop", pull_requests=400)}
    await backfills.connect("github", url)
    begun = await backfills.begin("github")
    worker = start()
    try:
        await until(backfills, begun, lambda shown: shown["pull_requests"] >= 100)
        worker.kill()
        worker.wait()
        pages = len(fake.cursors)
        killed = await backfills.show(begun)
        assert killed["finished_at"] is None
        await backfills.end_leases()
        worker = start()
        shown = await until(backfills, begun, lambda shown: shown["finished_at"] is not None)
    finally:
        worker.kill()
        worker.wait()
    assert (shown["state"], shown["pull_requests"]) == ("done", 400)
    # What changed meanwhile is read from its first page; the history is not, however small a busy machine's pages are.
    assert fake.cursors[pages:].count(None) == 1
    assert "CANARY" not in (tmp_path / "log").read_text()
