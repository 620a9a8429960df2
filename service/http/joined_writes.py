"""Joined writes: uvicorn's HTTP protocol, sending head and body of a response in one system call instead of two."""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class JoinedWrites:
    """A transport that collects writes until the next turn of the event loop, and then joins them."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pending: list[bytes] = []
        # Asked for with each response; found like this, it costs less than by __getattr__.
        self.is_closing = transport.is_closing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Collect data to be written on the next turn of the event loop."""
        if not self._pending:
            self._loop.call_soon(self._flush)
        self._pending.append(data)

    def close(self) -> None:
        """Write collected data, then close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        # A connection that was cut takes nothing more.
        if pending and not self.is_closing():
            self._transport.write(pending[0] if len(pending) == 1 else b"".join(pending))


class JoiningProtocol(HttpToolsProtocol):
    """uvicorn's protocol on a transport that joins writes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wrap the transport of a new connection."""
        super().connection_made(cast("asyncio.Transport", self.wrapped(transport)))

    def wrapped(self, transport: asyncio.Transport) -> JoinedWrites:
        """Return the transport that responses are written to."""
        return JoinedWrites(transport, self.loop)
