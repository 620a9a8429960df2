"""A PostgreSQL that takes statements and never answers: frozen, or behind a dead network.

A statement may rightly take a minute. So what waits is given up only if the server does not answer a new connection
either, twice in a row.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

# A connection that is in use for longer than this makes the watch ask the server.
PATIENCE_SECONDS = 2.0
LOOK_SECONDS = 0.5
PROBES = 2


class Connection(Protocol):
    """A connection that a task uses."""

    def terminate(self) -> None:
        """Close the connection without waiting for the server; its statement fails at once."""


class ServerWatch:
    """Closes the connections in use once the server has stopped answering.

    `ask` returns if the server answers in any way, and raises TimeoutError otherwise.
    """

    def __init__(self, ask: Callable[[], Awaitable[None]], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._clock = ask, clock
        self._in_use: dict[Connection, float] = {}
        self._watching: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to watch."""
        self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stop watching."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
            self._watching = None

    def begin(self, connection: Connection) -> None:
        """Note that a connection is in use."""
        self._in_use[connection] = self._clock()

    def end(self, connection: Connection) -> None:
        """Note that it is not in use any more."""
        self._in_use.pop(connection, None)

    async def look(self) -> None:
        """Close the connections that have been in use for long if the server does not answer."""
        since = self._clock() - PATIENCE_SECONDS
        if any(begun < since for begun in self._in_use.values()) and await self._is_silent():
            for connection, begun in list(self._in_use.items()):
                if begun < since:
                    connection.terminate()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def _is_silent(self) -> bool:
        for _ in range(PROBES):
            try:
                await self._ask()
            except TimeoutError:
                continue
            return False
        return True
