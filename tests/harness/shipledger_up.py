"""`shipledger up` as a process of its own, as a user starts it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SECONDS = 60


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "service.cli.main", *map(str, arguments)]


def environment_of(home: Path) -> dict[str, str]:
    """A home of its own, and none of Shipledger's variables of the machine."""
    ours = ("SHIPLEDGER_", "DATABASE_URL", "REDIS_URL", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "HOME": str(home)}


def run(home: Path, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """A command to its end."""
    environment = {**environment_of(home), **more}
    return subprocess.run(
        command(*arguments), capture_output=True, check=False, env=environment, text=True, timeout=SECONDS
    )


class Up:
    """A running stack; `said` is its line of JSON."""

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
        """The id of each process, by name."""
        noted = json.loads((self.data / "processes.json").read_text())
        return {name: one["pid"] for name, one in noted.items()}

    @property
    def database_url(self) -> str:
        """What the service connects to."""
        return json.loads((self.data / "settings.json").read_text())["database_url"]

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Its exit status, and whatever else it said on standard output."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, rest


@contextmanager
def up(home: Path, data: Path, *arguments: str, **more: str) -> Iterator[Up]:
    """A stack that is gone after the block, whatever happened in it; `more` are variables of its environment."""
    stack = Up(home, data, arguments, **more)
    try:
        yield stack
    finally:
        if stack.process.poll() is None:
            stack.end()
