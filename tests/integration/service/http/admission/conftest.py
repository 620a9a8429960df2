"""A server that admits requests as the service does, and raw connections to it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from litestar import Litestar, Request, get, post

from service.http.admission.admission import Admission
from service.http.admission.limits import Limits
from service.http.admission.serving import AdmittingServer

SECONDS = 10.0


@get("/small", sync_to_thread=False)
def small(request: Request[Any, Any, Any]) -> str:
    return request.client.host if request.client else ""


@get("/headers", sync_to_thread=False)
def headers(request: Request[Any, Any, Any]) -> int:
    return len(request.headers)


@get("/large", sync_to_thread=False)
def large() -> bytes:
    return b"x" * 8_000_000


@get("/metrics", sync_to_thread=False)
def metrics() -> str:
    return "figures"


@post("/read", request_max_body_size=None)
async def read(request: Request[Any, Any, Any]) -> int:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
    return size


@post("/refused", request_max_body_size=None, sync_to_thread=False)
def refused() -> str:
    return "not read"


class Raw:
    """A connection that sends bytes as they are."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await asyncio.wait_for(self.writer.drain(), SECONDS)

    async def answer(self) -> tuple[int, bytes]:
        """Return status and body of one response."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), SECONDS)
        length = next(
            int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        return int(head[9:12]), await asyncio.wait_for(self.reader.readexactly(length), SECONDS)

    async def rest(self) -> bytes:
        """Return what arrives until the connection ends."""
        try:
            return await asyncio.wait_for(self.reader.read(), SECONDS)
        except ConnectionError:
            return b""


class Door:
    """A running server with its limits."""

    def __init__(self, admission: Admission, server: AdmittingServer, port: int) -> None:
        self.admission, self.server, self.port = admission, server, port

    async def connect(self, source: str = "127.0.0.1") -> Raw:
        """Open a connection and wait until the server knows it."""
        before = self.admission.connections_made
        raw = Raw(*await asyncio.open_connection("127.0.0.1", self.port, local_addr=(source, 0)))
        await until(lambda: self.admission.connections_made > before)
        return raw

    def pass_seconds(self, number: int) -> None:
        """Let seconds pass for all connections."""
        for _ in range(number):
            self.admission.sweep(self.server.server_state.connections)

    def refusals(self) -> dict[str, int]:
        """Return the number of refusals by reason."""
        (family,) = self.admission.collect()
        return {sample.labels["reason"]: int(sample.value) for sample in family.samples}


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until the server has come to what it does by itself."""
    async with asyncio.timeout(SECONDS):
        while not is_so():  # noqa: ASYNC110 - uvicorn offers no event for it
            await asyncio.sleep(0.001)


@asynccontextmanager
async def door_of(limits: Limits, *, is_for_metrics: bool = False) -> AsyncIterator[Door]:
    """Run a server with limits, on a port for Prometheus if `is_for_metrics`."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        admission = Admission(replace(limits, metrics_port=port) if is_for_metrics else limits)
        app = Litestar([small, headers, large, metrics, read, refused])
        server = AdmittingServer(app, admission, log_config=None, timeout_graceful_shutdown=1)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        await until(lambda: server.started)
        yield Door(admission, server, port)
        server.should_exit = True
        await running


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    """A server with the usual limits."""
    async with door_of(Limits()) as opened:
        yield opened
