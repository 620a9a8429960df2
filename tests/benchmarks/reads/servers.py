"""The compared servers, each in a separate process under the same server: the service, and a bare handler."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil

from service.http.listening_socket import listen, local_url

READY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Server:
    """A server's port and process."""

    port: int
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """Return the CPU seconds used so far."""
        used = self.process.cpu_times()
        return used.user + used.system


@contextmanager
def serving(module: str, environment: Mapping[str, str], ready: str) -> Iterator[Server]:
    """Run a module like service/server.py as a process; yield it once the path `ready` responds."""
    listening: socket.socket = listen("127.0.0.1", 0)
    number = listening.fileno()
    process = subprocess.Popen(
        [sys.executable, "-m", module, f"--listen-fd={number}"],
        env={**os.environ, **environment},
        pass_fds=[number],
    )
    try:
        wait_until_ready(process, local_url(listening) + ready)
        yield Server(listening.getsockname()[1], psutil.Process(process.pid))
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        listening.close()


def wait_until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{url} exited before it was ready")
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{url} was not ready within {READY_SECONDS} s")
