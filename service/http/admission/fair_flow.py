"""uvicorn's flow control, reading more of a body only when it is the connection's turn."""

import asyncio
from typing import Protocol

from uvicorn.protocols.http.flow_control import FlowControl

from service.http.admission.turns import Work


class Reader(Protocol):
    """The protocol that reads."""

    def read_later(self, work: Work) -> None:
        """Begin reading in this turn or a later one."""


class FairFlow(FlowControl):
    """Pauses and resumes one connection."""

    def __init__(self, transport: asyncio.Transport, reader: Reader) -> None:
        super().__init__(transport)
        self._reader = reader
        self._is_due = False

    def resume_reading(self) -> None:
        """Read more, maybe in a later turn."""
        if self.read_paused and not self._is_due:
            self._is_due = True
            self._reader.read_later(self.resume_now)

    def resume_now(self) -> None:
        """Read more at once."""
        self._is_due = False
        if not self._transport.is_closing():
            super().resume_reading()
