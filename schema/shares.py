"""What one organization may hold at a time of something that all organizations use."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Shares:
    """Lets each organization hold up to `most`; what exceeds it waits, in order, and delays no other organization."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[int, int] = {}
        self._waiting: dict[int, deque[tuple[int, asyncio.Future[None]]]] = {}

    @asynccontextmanager
    async def hold(self, organization_id: int, amount: int = 1) -> AsyncIterator[None]:
        """Hold an amount while the block runs. What exceeds the share is held alone."""
        amount = min(amount, self._most)
        await self.take(organization_id, amount)
        try:
            yield
        finally:
            self.give_back(organization_id, amount)

    async def take(self, organization_id: int, amount: int = 1) -> None:
        """Wait until the organization may hold this much more; `give_back` it later."""
        if self.try_take(organization_id, amount):
            return
        admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(organization_id, deque()).append((amount, admitted))
        try:
            await admitted
        except asyncio.CancelledError:
            if admitted.done() and not admitted.cancelled():
                self.give_back(organization_id, amount)
            else:
                self._admit(organization_id)
            raise

    def try_take(self, organization_id: int, amount: int = 1) -> bool:
        """Take without waiting; return whether the organization may hold this much more."""
        held = self._held.get(organization_id, 0) + amount
        if held > self._most or organization_id in self._waiting:
            return False
        self._held[organization_id] = held
        return True

    def give_back(self, organization_id: int, amount: int = 1) -> None:
        """Return what was taken, and admit those who wait for it."""
        # An organization that holds nothing is forgotten, also while it holds an amount of 0.
        self._held[organization_id] = self._held.get(organization_id, 0) - amount
        self._admit(organization_id)

    def _admit(self, organization_id: int) -> None:
        waiting = self._waiting.get(organization_id)
        while waiting:
            amount, admitted = waiting[0]
            if not admitted.done():
                if self._held.get(organization_id, 0) + amount > self._most:
                    return
                self._held[organization_id] = self._held.get(organization_id, 0) + amount
                admitted.set_result(None)
            waiting.popleft()
        self._waiting.pop(organization_id, None)
        if not self._held.get(organization_id):
            self._held.pop(organization_id, None)
