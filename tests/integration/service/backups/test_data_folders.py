"""The data of `shipledger up` is lost with its machine, and is back on another one with an equal ledger."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.shipledger_up import Up, run, up

EVENTS = [
    {
        "event_id": f"event {number}",
        "occurred_at": f"2026-11-{number + 1:02}T01:45:52Z",
        "source": "test",
        "model": "claude-sonnet-4-5",
        "tokens": {"input_uncached": 1200 + number, "output_visible": 42},
    }
    for number in range(20)
]


def ledger(stack: Up) -> dict[str, Any]:
    answer = httpx.get(
        f"{stack.url}/api/v1/ledger", params={"from": "2026-11-01", "to": "2026-12-01"}, headers=stack.headers
    )
    answer.raise_for_status()
    return dict(answer.json())


def settled_ledger(stack: Up) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while (found := ledger(stack))["pending"]["total"] or not found["overhead"]["total"]:
        assert time.monotonic() < deadline, "the ledger did not settle in time"
        time.sleep(0.1)
    return found


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Back up a stack while it runs and after it stopped; return the folder and the ledger of that time."""
    home = tmp_path_factory.mktemp("machine")
    with up(home, home / "data") as stack:
        httpx.post(f"{stack.url}/api/v1/token-events", json={"items": EVENTS}, headers=stack.headers).raise_for_status()
        expected = settled_ledger(stack)
        running = run(home, "backup", home / "running", "--data", home / "data", "--include-key")
        assert running.returncode == 0, running.stderr
    stopped = run(home, "backup", home / "stopped", "--data", home / "data", "--json")
    assert stopped.returncode == 0, stopped.stderr
    assert json.loads(stopped.stdout)["includes_key"] is False
    shutil.copy(home / "data" / "secret-key", home / "kept-key")
    shutil.rmtree(home / "data")
    return home, expected


@pytest.mark.parametrize(("made", "key"), [("running", []), ("stopped", ["--secret-key-file", "kept-key"])])
def test_a_lost_machine_is_back_with_an_equal_ledger(
    machine: tuple[Path, dict[str, Any]], made: str, key: list[str]
) -> None:
    home, expected = machine
    arguments = [home / part if part == "kept-key" else part for part in key]

    restored = run(home, "restore", home / made, "--data", home / f"from {made}", *arguments)

    assert restored.returncode == 0, restored.stderr
    with up(home, home / f"from {made}") as stack:
        assert ledger(stack) == expected
        again = httpx.post(f"{stack.url}/api/v1/token-events", json={"items": EVENTS}, headers=stack.headers)
        assert again.is_success
        assert settled_ledger(stack) == expected, "the same events counted twice"


def test_without_its_key_a_restored_folder_waits_for_it(machine: tuple[Path, dict[str, Any]]) -> None:
    home, expected = machine
    data = home / "without key"
    assert run(home, "restore", home / "stopped", "--data", data).returncode == 1
    assert not (data / "postgres").exists()

    assert run(home, "restore", home / "stopped", "--data", data, "--without-key").returncode == 0

    refused = run(home, "up", "--json", "--data", data, "--port", "0")
    assert "secret-key is missing; restore it" in refused.stderr
    shutil.copy(home / "kept-key", data / "secret-key")
    with up(home, data) as stack:
        assert ledger(stack) == expected


def test_a_folder_with_data_is_left_alone(machine: tuple[Path, dict[str, Any]]) -> None:
    home, _ = machine
    with up(home, home / "busy") as stack:
        busy = run(home, "restore", home / "running", "--data", home / "busy")
        assert "already running" in busy.stderr
        assert stack.process.poll() is None
    full = run(home, "restore", home / "running", "--data", home / "busy")
    assert "holds data already" in full.stderr
    missing = run(home, "backup", home / "nothing", "--data", home / "no data")
    assert "holds no data of shipledger" in missing.stderr
