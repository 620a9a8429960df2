"""Clients without a valid key, session or signature: how many requests, and how many failed sign-ins, by address."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from litestar.types import Scope

from schema.errors import TooManyRequestsError
from service.http.admission.rates import RateLimit

# An address may catch up on this many seconds without requests: a page with its files comes at once.
BURST_SECONDS = 10
MINUTE = 60
# Load balancers ask these, and take a service that does not answer out of use.
ALWAYS_ANSWERED = ("/health/live", "/health/ready")
# A delivery shows only by its body whether it is signed. Its look-ups are cached.
WEBHOOKS = "/webhooks/"
KNOWN_LIMIT = 10_000
# Look-ups of keys and links that may be wrong, of all addresses together: those of known keys keep the connections.
TRIES_AT_ONCE = 2


class Strangers:
    """Counts by address. Who has shown a valid key or session is never held up by others at the same address."""

    def __init__(
        self, requests_a_second: int, failures_a_minute: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._requests = RateLimit(requests_a_second, requests_a_second * BURST_SECONDS, clock)
        self._failures = RateLimit(failures_a_minute / MINUTE, failures_a_minute, clock)
        self._tries = asyncio.Semaphore(TRIES_AT_ONCE)
        self._sessions: dict[bytes, None] = {}
        # Addresses that sent too much, and until when they must wait. Nearly always empty.
        self.waiting: dict[str, float] = {}

    def count(self, address: str) -> None:
        """Count a request without a valid key, session or signature."""
        wait = self._requests.take(address)
        if wait:
            if len(self.waiting) >= KNOWN_LIMIT:
                self.waiting.clear()
            self.waiting[address] = self._clock() + wait

    def refuses(self, scope: Scope) -> bool:
        """Return whether a request comes from an address that must wait, and does not seem to be someone known."""
        address = address_of(scope)
        until = self.waiting.get(address)
        if until is None:
            return False
        if self._clock() >= until:
            del self.waiting[address]
            return False
        path = scope["path"]
        if path in ALWAYS_ANSWERED or path.startswith(WEBHOOKS):
            return False
        return not any(self._may_be_known(name, value) for name, value in scope["headers"])

    def remember_session(self, digest: bytes) -> None:
        """Remember a valid session by the digest of its cookie."""
        if digest not in self._sessions:
            if len(self._sessions) >= KNOWN_LIMIT:
                self._sessions.clear()
            self._sessions[digest] = None

    def fail(self, address: str) -> None:
        """Count a failed sign-in: a wrong key, link or answer of a provider."""
        self._failures.take(address)

    @asynccontextmanager
    async def trying(self, address: str) -> AsyncIterator[None]:
        """Look up a key or link inside, in turn; raises TooManyRequestsError if the address failed too often.

        Many that were sent at once are looked up only until the address has failed too often.
        """
        self.require_few_failures(address)
        async with self._tries:
            self.require_few_failures(address)
            yield

    def require_few_failures(self, address: str) -> None:
        """Raise TooManyRequestsError if an address failed to sign in too often to try again now."""
        wait = self._failures.wait(address)
        if wait:
            raise TooManyRequestsError(
                "this address sent too many wrong keys or links; use a valid one, and try again later", wait
            )

    def _may_be_known(self, name: bytes, value: bytes) -> bool:
        if name == b"authorization":
            return True  # the key is looked up only if it is known or the address did not fail too often
        if name == b"cookie":
            values = (part.strip().partition(b"=")[2] for part in value.split(b";"))
            return any(hashlib.sha256(each).digest() in self._sessions for each in values)
        return False


def address_of(scope: Any) -> str:
    """Return the address that a request counts for."""
    client = scope.get("client")
    return client[0] if client else ""
