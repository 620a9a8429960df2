"""A load generator with keep-alive connections, cheap enough that the server is the bottleneck."""

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from tests.benchmarks.reads.servers import Server

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Rate:
    """Responses per second, and the share of a core that each side used; the sender's must stay well below 1.

    Also the seconds of each response.
    """

    requests_per_second: float
    server_cpu: float
    sender_cpu: float
    seconds: Sequence[float]


class Sender(asyncio.Protocol):
    """One connection that sends a request, waits for the whole response, and sends the next."""

    def __init__(self, requests: Iterator[bytes], status: int) -> None:
        self._requests = requests
        self._expected = f"HTTP/1.1 {status}".encode()
        self._sent_at = 0.0
        self._held = b""
        self._needed = 0
        self._transport: asyncio.Transport | None = None
        self.seconds: list[float] = []
        self.failure: str | None = None
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport has the methods of asyncio.Transport but does not inherit from it.
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._held += data
        if not self._needed:
            head, found, _ = self._held.partition(HEAD_END)
            if not found:
                return
            if not head.startswith(self._expected):
                self._fail(self._held.decode(errors="replace"))
                return
            start = head.lower().index(LENGTH) + len(LENGTH)
            self._needed = len(head) + len(HEAD_END) + int(head[start:].partition(b"\r\n")[0])
        if len(self._held) >= self._needed:
            self._held, self._needed = b"", 0
            self.seconds.append(time.perf_counter() - self._sent_at)
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        if not self.ended.done():
            self.ended.set_result(None)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _send(self) -> None:
        request = next(self._requests)
        self._sent_at = time.perf_counter()
        assert self._transport is not None
        self._transport.write(request)

    def _fail(self, answer: str) -> None:
        self.failure = answer
        self.close()


async def drive(server: Server, requests: Sequence[bytes], *, connections: int, seconds: float) -> Rate:
    """Send the requests in turn for `seconds`; raises RuntimeError with a response whose status is not 200."""

    def begin() -> Iterator[bytes]:
        return itertools.islice(itertools.cycle(requests), random.randrange(len(requests)), None)

    return await drive_all(server, begin, connections=connections, seconds=seconds)


async def drive_all(
    server: Server, begin: Callable[[], Iterator[bytes]], *, connections: int, seconds: float, status: int = 200
) -> Rate:
    """Send what `begin` yields for each connection, for `seconds`; raises RuntimeError for another status."""
    loop = asyncio.get_running_loop()
    senders = [
        (await loop.create_connection(lambda: Sender(begin(), status), "127.0.0.1", server.port))[1]
        for _ in range(connections)
    ]
    await asyncio.sleep(0.2)
    for each in senders:
        each.seconds.clear()
    started = time.perf_counter()
    used, used_there = time.process_time(), server.cpu_seconds()
    await asyncio.sleep(seconds)
    took = [second for each in senders for second in each.seconds]
    elapsed = time.perf_counter() - started
    used, used_there = time.process_time() - used, server.cpu_seconds() - used_there
    for each in senders:
        each.close()
    await asyncio.gather(*(each.ended for each in senders))
    if failures := [each.failure for each in senders if each.failure]:
        raise RuntimeError(f"not every response has status {status}: {failures[0]}")
    return Rate(len(took) / elapsed, used_there / elapsed, used / elapsed, took)
