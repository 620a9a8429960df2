"""Whether the service can work: its database, the tables, the secret key and Redis."""

import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple

import structlog

from schema.database import Connection, Database
from schema.encryption import Vault
from schema.errors import UnavailableError
from schema.queue import Queue
from service.administration.migrations import MigrationState, read_revision, state_of
from service.administration.secret_key import key_fits

logger = structlog.get_logger()

# An answer comes within this time, even from a server that takes a connection and is silent.
LOOK_SECONDS = 2.5
# How long a key that fits is not tried again; one that does not fit is tried each time.
FITS_SECONDS = 60.0

POSTGRESQL, MIGRATIONS, REDIS, SECRET_KEY = "postgresql", "migrations", "redis", "secret_key"
UP, UNREACHABLE, READ_ONLY, UNKNOWN, NOT_USED = "up", "unreachable", "read-only", "unknown", "not used"
MISFIT, NOT_UNWRAPPED = "does not fit the stored data", "cannot be unwrapped by its key service"


class _Stored(NamedTuple):
    is_read_only: bool
    revision: str | None
    problem_of_key: str | None


class Readiness:
    """Looks at what the service needs. Requests that come together share one look."""

    def __init__(
        self, database: Database, queue: Queue, vault: Vault, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._queue = queue
        self._vault = vault
        self._clock = clock
        self._fitted_at: float | None = None
        self._looking: asyncio.Task[tuple[_Stored | None, str]] | None = None

    async def checks(self) -> dict[str, str]:
        """Return the state of each part soon, whatever is away; a secret key that fits is left out."""
        looking = self._looking
        if looking is None or looking.done():
            looking = self._looking = asyncio.create_task(self._look())
        await asyncio.wait({looking}, timeout=LOOK_SECONDS)
        if not looking.done() or looking.cancelled():
            # It ends by itself, once the connection to a silent server is given up.
            return {POSTGRESQL: UNREACHABLE, MIGRATIONS: UNKNOWN, REDIS: UNKNOWN}
        stored, redis = looking.result()
        if stored is None:
            return {POSTGRESQL: UNREACHABLE, MIGRATIONS: UNKNOWN, REDIS: redis}
        checks = {POSTGRESQL: READ_ONLY if stored.is_read_only else UP, MIGRATIONS: _migrations(stored.revision)}
        key = {SECRET_KEY: stored.problem_of_key} if stored.problem_of_key else {}
        return {**checks, REDIS: redis, **key}

    async def close(self) -> None:
        """Cancel a look under way."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})

    async def _look(self) -> tuple[_Stored | None, str]:
        """Return what the database holds, None if it cannot be reached, and the state of Redis."""
        return await asyncio.gather(self._look_at_database(), self._look_at_redis())

    async def _look_at_redis(self) -> str:
        if not self._queue.has_redis:
            return NOT_USED
        return UP if await self._queue.ping() else UNREACHABLE

    async def _look_at_database(self) -> _Stored | None:
        try:
            async with self._database.nobody() as connection:
                async with asyncio.timeout(LOOK_SECONDS):
                    is_read_only = await connection.fetchval("SELECT current_setting('transaction_read_only')") == "on"
                    revision = await read_revision(connection)
                is_behind = state_of(revision) in {MigrationState.BEHIND, MigrationState.UNSUPPORTED}
                async with asyncio.timeout(LOOK_SECONDS):
                    # Before the migrations there is nothing to look with.
                    problem = None if is_behind else await self._problem_of_key(connection)
        except UnavailableError:
            return None
        return _Stored(is_read_only, revision, problem)

    async def _problem_of_key(self, connection: Connection) -> str | None:
        """Return what is wrong with the secret key, None for one that fits, or for a database without data."""
        if self._fitted_at is not None and self._clock() - self._fitted_at < FITS_SECONDS:
            return None
        try:
            fits = await key_fits(connection, self._vault)
        except UnavailableError:
            return NOT_UNWRAPPED
        self._fitted_at = self._clock() if fits else None
        if fits is not False:
            return None
        logger.error(
            "secret_key_does_not_fit",
            remedy="set SHIPLEDGER_SECRET_KEY to the value that the stored data was encrypted with",
        )
        return MISFIT


def is_ready(checks: dict[str, str]) -> bool:
    """Return whether the service can take and answer requests; it does without Redis."""
    return checks[POSTGRESQL] == UP and checks[MIGRATIONS] == MigrationState.UP_TO_DATE and SECRET_KEY not in checks


def _migrations(revision: str | None) -> str:
    """Return the state of the tables. A newer state counts as up to date, so that a rolling upgrade keeps serving."""
    state = state_of(revision)
    return (MigrationState.UP_TO_DATE if state is MigrationState.NEWER else state).value
