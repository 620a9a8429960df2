"""Prism in proxy mode, with GitHub's OpenAPI description, between clients and the fake GitHub.

Used only if `SHIPLEDGER_PRISM` is its program and `SHIPLEDGER_GITHUB_OPENAPI` the description, as in `.ci/openapi`.
Loading the description takes seconds, so one Prism serves all fakes of a run. Its upstream is `Relay`, which passes
each request to the fake that it was sent to.
"""

import asyncio
import atexit
import json
import os
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from tests.harness.forges.openapi import Operations, fit

PROGRAM, DESCRIPTION = "SHIPLEDGER_PRISM", "SHIPLEDGER_GITHUB_OPENAPI"
EXCHANGE = "x-exchange"
VIOLATIONS = "sl-violations"
PATIENCE_SECONDS = 120

Message = MutableMapping[str, Any]
Application = Callable[[Any, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


@dataclass
class Exchange:
    """A request to an application of some event loop, and its response once there is one."""

    application: Application
    scope: Any
    body: bytes
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    reported: list[Message] = field(default_factory=list)

    @property
    def status(self) -> int:
        return next((each["status"] for each in self.reported if each["type"] == "http.response.start"), 0)

    async def run(self) -> None:
        """Let the application respond."""
        messages = [{"type": "http.request", "body": self.body, "more_body": False}]

        async def receive() -> Message:
            return messages.pop() if messages else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            self.reported.append(message)

        await self.application(self.scope, receive, send)


class Relay:
    """The upstream of Prism; a header names the application."""

    def __init__(self) -> None:
        self.exchanges: dict[str, Exchange] = {}

    async def __call__(self, scope: Any, _: Any, send: Any) -> None:
        exchange = self.exchanges[dict(scope["headers"])[EXCHANGE.encode()].decode()]
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(exchange.run(), exchange.loop))
        for message in exchange.reported:
            await send(message)


class Prism:
    """A running Prism; `operations` checks what Prism does not."""

    def __init__(self, program: str, description: Path) -> None:
        fitted = fit(json.loads(description.read_bytes()))
        self.operations = Operations(fitted)
        self.relay = Relay()
        # One connection per request: a kept connection may be closed while it is reused.
        self._client = httpx.Client(timeout=PATIENCE_SECONDS, limits=httpx.Limits(max_keepalive_connections=0))
        self._count = 0
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(fitted, file)
            file.flush()
            self._start(program, file.name)

    def _start(self, program: str, description: str) -> None:
        upstream = _serve(self.relay)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        command = [program, "proxy", "--host", "127.0.0.1", "--port", str(port), description, upstream]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(process.terminate)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _listens(port):
            assert process.poll() is None, "Prism exited at start"
            assert time.monotonic() < deadline, "Prism did not start in time"
            time.sleep(0.1)

    async def carry(self, exchange: Exchange) -> list[dict[str, Any]]:
        """Run an exchange through Prism; return the violations in Prism's words."""
        self._count += 1
        key = str(self._count)
        self.relay.exchanges[key] = exchange
        try:
            answer = await asyncio.to_thread(self._ask, key, exchange)
        finally:
            del self.relay.exchanges[key]
        if not exchange.reported:
            return [{"severity": "Error", "location": ["request"], "message": answer.text}]
        found: list[dict[str, Any]] = _read(answer.headers.get(VIOLATIONS, "[]"))
        return found

    def _ask(self, key: str, exchange: Exchange) -> httpx.Response:
        scope = exchange.scope
        target = self.url + scope["raw_path"].decode() + "?" + scope["query_string"].decode()
        dropped = {b"host", b"connection", b"accept-encoding"}
        headers = [(name, value) for name, value in scope["headers"] if name not in dropped]
        return self._client.request(
            scope["method"], target, headers=[*headers, (EXCHANGE.encode(), key.encode())], content=exchange.body
        )


def _read(header: str) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = json.loads(header)
    except ValueError:
        # Prism cuts text that is too long for a header.
        return [{"severity": "Error", "location": [], "message": header}]
    return found


def _listens(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


def _serve(application: Any) -> str:
    """Serve an application until the tests end; return the URL."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    # Prism keeps connections open, so they must not be closed between tests.
    config = uvicorn.Config(application, log_config=None, lifespan="off", timeout_keep_alive=3600)
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


@cache
def prism() -> Prism | None:
    """Return this run's Prism, None if it is not configured."""
    program, description = os.environ.get(PROGRAM), os.environ.get(DESCRIPTION)
    return Prism(program, Path(description)) if program and description else None
