"""Turns of the event loop, shared fairly by address: nobody fills one with requests so that others wait for it.

The event loop serves whatever arrived before it looks for more. So at most TURN pieces of work begin in one turn: a
request, or reading more of a body. What is left begins in the next ones, an address after the other.
"""

import asyncio
from collections import deque
from collections.abc import Callable

# A request takes about 0.15 ms, so a turn takes about 5 ms.
TURN = 32

Work = Callable[[], object]


class Turns:
    """What begins in this turn, and what waits for the next ones, by address."""

    def __init__(self) -> None:
        self._begun = 0
        self._waiting: dict[str, deque[Work]] = {}

    def has_room(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Return whether work may begin in this turn, and count it."""
        if not self._begun:
            loop.call_soon(self._go_on, loop)
        self._begun += 1
        return self._begun <= TURN and not self._waiting

    def wait(self, address: str, work: Work) -> None:
        """Begin work in a later turn, because this one is full."""
        self._waiting.setdefault(address, deque()).append(work)

    def _go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin the next turn with what waits."""
        self._begun = 0
        while self._waiting and self._begun < TURN:
            self._begun += 1
            address, works = next(iter(self._waiting.items()))
            work = works.popleft()
            # Its next work comes after one of each other address.
            del self._waiting[address]
            if works:
                self._waiting[address] = works
            work()
        if self._begun:
            loop.call_soon(self._go_on, loop)
