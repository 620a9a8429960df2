"""Everybody else during an attack: requests from another address, and the memory of the service."""

import http.client
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import psutil

ADDRESS = "127.0.0.2"
PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 30.0
PATHS = ("/health/live", "/api/v1/ledger?from=2026-10-01&to=2026-10-31")


class Others:
    """Sends a request after the other, each on a new connection, in a thread, until the block ends."""

    def __init__(self, port: int, headers: Mapping[str, str], process: psutil.Process) -> None:
        self._port, self._headers, self._process = port, headers, process
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._ask, self._weigh)]
        self.seconds: list[float] = []
        self.failures = 0
        self.peak_bytes = 0

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        number = 0
        while not self._stop.wait(PAUSE_SECONDS):
            began = time.perf_counter()
            self.failures += not self._is_answered(PATHS[number % len(PATHS)])
            self.seconds.append(time.perf_counter() - began)
            number += 1

    def _is_answered(self, path: str) -> bool:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self._port, timeout=PATIENCE_SECONDS, source_address=(ADDRESS, 0)
        )
        try:
            connection.request("GET", path, headers=dict(self._headers))
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return answer.status == http.HTTPStatus.OK

    def _weigh(self) -> None:
        while not self._stop.wait(PAUSE_SECONDS):
            self.peak_bytes = max(self.peak_bytes, self._process.memory_info().rss)
