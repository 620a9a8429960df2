"""`shipledger up` as a separate process, as a user starts it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from schema.settings import Settings

SECONDS = 60


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "service.cli.main", *map(str, arguments)]


def environment_of(home: Path) -> dict[str, str]:
    """Return an environment with a separate home and without this machine's Shipledger variables."""
    ours = ("SHIPLEDGER_", "DATABASE_URL", "REDIS_URL", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "HOME": str(home)}


def environment_with(settings: Settings) -> dict[str, str]:
    """Return the variables of processes that use a database and Redis of the tests."""
    return {
        "DATABASE_URL": settings.database_url,
        "SHIPLEDGER_WORKER_DATABASE_URL": settings.worker_database_url,
        "SHIPLEDGER_OWNER_DATABASE_URL": settings.owner_database_url,
        "REDIS_URL": settings.redis_url,
        "SHIPLEDGER_SECRET_KEY": settings.secret_key.get_secret_value(),
    }


def run(home: Path, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    environment = {**environment_of(home), **more}
    return subprocess.run(
        command(*arguments), capture_output=True, check=False, env=environment, text=True, timeout=SECONDS
    )


class Up:
    """A running stack; `said` is the JSON line it printed."""

    def __init__(self, home: Path, data: Path, arguments: Sequence[str] = (), **more: str) -> None:
        self.data = data
        with (home / "stderr").open("ab") as log:
            self.process = subprocess.Popen(
                command("up", "--json", "--data", data, "--port", "0", *arguments),
                stdout=subprocess.PIPE,
                stderr=log,
                env={**environment_of(home), **more},
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, (home / "stderr").read_text()
        self.said: dict[str, Any] = json.loads(line)
        self.url: str = self.said["url"]
        self.headers = {"Authorization": f"Bearer {self.said['api_key']}"}

    def processes(self) -> dict[str, int]:
        """Return the id of each process by name."""
        noted = json.loads((self.data / "processes.json").read_text())
        return {name: one["pid"] for name, one in noted.items()}

    @property
    def owner_url(self) -> str:
        """Return the database's URL as its owner."""
        return json.loads((self.data / "settings.json").read_text())["owner_database_url"]

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Stop it; return its exit status, and the rest of its standard output."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, rest


@contextmanager
def up(home: Path, data: Path, *arguments: str, **more: str) -> Iterator[Up]:
    """Run a stack that always stops after the block; `more` are environment variables."""
    stack = Up(home, data, arguments, **more)
    try:
        yield stack
    finally:
        if stack.process.poll() is None:
            stack.end()
