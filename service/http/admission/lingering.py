"""A polite end: an answer that comes before the whole request is given time to arrive.

A socket that is closed while data of the client waits there resets the connection, and the client may lose the answer.
So the answer is sent, the sending side is closed, and what the client still sends is dropped for a moment.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from service.http.admission.limits import LINGER_BYTES
from service.http.joined_writes import JoinedWrites


class Owner(Protocol):
    """The protocol whose connection ends."""

    @property
    def is_unread(self) -> bool:
        """Return whether the client may still be sending a request."""

    @property
    def has_body(self) -> bool:
        """Return whether the client may still be sending a body."""

    def lingers(self) -> None:
        """Take notice that the connection is ending."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Take notice that the connection has ended."""

    def pause_writing(self) -> None:
        """Take notice that the client does not read."""

    def resume_writing(self) -> None:
        """Take notice that the client reads again."""


class PoliteWrites(JoinedWrites):
    """A transport that joins writes, and lingers if it is closed before the whole request has arrived."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, owner: Owner) -> None:
        super().__init__(transport, loop)
        self._owner = owner
        self._is_lingering = False

    def close(self) -> None:
        """Write collected data, then close, or linger first."""
        if self._is_lingering or self._transport.is_closing() or not self._owner.is_unread:
            super().close()
            return
        self._is_lingering = True
        self._flush()
        self._owner.lingers()
        # Who sends a body may not have read the answer yet; who sends an endless head does not mean to.
        stop = self._transport.pause_reading if self._owner.has_body else self._transport.abort
        self._transport.set_protocol(Dropping(self._owner, stop))
        if self._transport.can_write_eof():
            self._transport.write_eof()


class Dropping(asyncio.Protocol):
    """Drops what a client still sends, and stops after a while; the sweep ends the connection at the latest."""

    def __init__(self, owner: Owner, stop: Callable[[], None]) -> None:
        self._owner = owner
        self._stop = stop
        self._left = LINGER_BYTES

    def data_received(self, data: bytes) -> None:
        """Drop data."""
        self._left -= len(data)
        if self._left < 0:
            self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the owner."""
        self._owner.connection_lost(exc)

    def pause_writing(self) -> None:
        """Tell the owner."""
        self._owner.pause_writing()

    def resume_writing(self) -> None:
        """Tell the owner."""
        self._owner.resume_writing()
