"""When keys were last used: gathered in memory and stored about once a minute per key, never per request."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress

import asyncpg

from schema.database import Database
from schema.errors import UnavailableError
from service.auth.key_text import ParsedKey

# How often the use of one key is stored, and how long uses of all keys are gathered before.
STORED_EVERY_SECONDS = 60.0
GATHERED_SECONDS = 5.0

_STORE = "UPDATE api_key SET last_used_at = now() WHERE organization_id = $1 AND digest = ANY($2::bytea[])"


class KeyUses:
    """Uses of keys that are not stored yet. A use is lost if the process is killed or PostgreSQL is down."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._stored: dict[bytes, float] = {}
        self._due: defaultdict[int, set[bytes]] = defaultdict(set)
        self._timer: asyncio.TimerHandle | None = None
        self._storing: asyncio.Task[None] | None = None

    def note(self, key: ParsedKey) -> None:
        """Note that a key is used now."""
        now = self._clock()
        if now - self._stored.get(key.digest, -STORED_EVERY_SECONDS) < STORED_EVERY_SECONDS:
            return
        if not self._due:
            # Nothing older can be due again, so that the memory of one busy minute is the most that is kept.
            self._stored = {each: at for each, at in self._stored.items() if now - at < STORED_EVERY_SECONDS}
        self._stored[key.digest] = now
        self._due[key.organization_id].add(key.digest)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHERED_SECONDS, self._begin)

    async def store(self) -> None:
        """Store the uses that were noted, one statement per organization."""
        due, self._due = self._due, defaultdict(set)
        for organization_id, digests in due.items():
            with suppress(UnavailableError, asyncpg.PostgresError):
                async with self._database.organization(organization_id) as tenant:
                    await tenant.execute(_STORE, list(digests))

    async def close(self) -> None:
        """Store what is left."""
        if self._timer is not None:
            self._timer.cancel()
        if self._storing is not None:
            await self._storing
        await self.store()

    def _begin(self) -> None:
        self._timer = None
        self._storing = asyncio.create_task(self.store())
