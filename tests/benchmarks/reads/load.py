"""Drives a server over keep-alive connections, cheaply enough that the server is what is measured."""

import asyncio
import itertools
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.reads.servers import Server

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Rate:
    """Answers a second, and which part of one core each side used; were the sender's near 1, it would be the limit."""

    requests_per_second: float
    server_cpu: float
    sender_cpu: float


class Sender(asyncio.Protocol):
    """One connection: sends a request, waits for its whole answer, sends the next."""

    def __init__(self, requests: Sequence[bytes], offset: int) -> None:
        self._requests = itertools.islice(itertools.cycle(requests), offset, None)
        self._held = b""
        self._needed = 0
        self._transport: asyncio.Transport | None = None
        self.answered = 0
        self.failure: str | None = None
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._held += data
        if not self._needed:
            head, found, _ = self._held.partition(HEAD_END)
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 200"):
                self._fail(self._held.decode(errors="replace"))
                return
            start = head.lower().index(LENGTH) + len(LENGTH)
            self._needed = len(head) + len(HEAD_END) + int(head[start:].partition(b"\r\n")[0])
        if len(self._held) >= self._needed:
            self._held, self._needed = b"", 0
            self.answered += 1
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        if not self.ended.done():
            self.ended.set_result(None)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _send(self) -> None:
        self._transport.write(next(self._requests))

    def _fail(self, answer: str) -> None:
        self.failure = answer
        self.close()


async def drive(server: Server, requests: Sequence[bytes], *, connections: int, seconds: float) -> Rate:
    """Send the requests, again and again in turn, for so long; raises RuntimeError with an answer that is not 200."""
    loop = asyncio.get_running_loop()
    senders = [
        (
            await loop.create_connection(
                lambda: Sender(requests, random.randrange(len(requests))), "127.0.0.1", server.port
            )
        )[1]
        for _ in range(connections)
    ]
    await asyncio.sleep(0.2)
    answered, started = sum(each.answered for each in senders), time.perf_counter()
    used, used_there = time.process_time(), server.cpu_seconds()
    await asyncio.sleep(seconds)
    answered, elapsed = sum(each.answered for each in senders) - answered, time.perf_counter() - started
    used, used_there = time.process_time() - used, server.cpu_seconds() - used_there
    for each in senders:
        each.close()
    await asyncio.gather(*(each.ended for each in senders))
    if failures := [each.failure for each in senders if each.failure]:
        raise RuntimeError(f"not every request was answered with 200: {failures[0]}")
    return Rate(answered / elapsed, used_there / elapsed, used / elapsed)
