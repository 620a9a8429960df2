"""Intake of OTLP and the token-events API: read, hash, and store. Concurrent requests share one commit."""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Sequence
from contextlib import asynccontextmanager

from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from schema.database import Database
from schema.interpreter import aside
from schema.organization_keys import OrganizationKeys
from schema.settings import Settings
from schema.shares import Shares
from service.auth.caller import Caller
from service.http.fair_thread import FairThread
from service.http.group_commit import GroupCommit
from service.telemetry.hashing.body_rows import BodyRows
from service.telemetry.hashing.rows import IntakeRows
from service.telemetry.otlp.limits import BodyLimits
from service.telemetry.reading.normalised import Readings
from service.telemetry.store.rows import save

# A larger body is inflated and read in the thread, so that it does not delay other requests.
SMALL_BODY = 32 * 1024
# Bytes of larger bodies that one organization may have in memory as they were sent, and those of a body without a
# Content-Length. The rest waits in the sender's connection.
BYTES_UNDER_WAY = 64 * 1024 * 1024
UNANNOUNCED = 8 * 1024 * 1024
# More rows than this are hashed in the thread, so that they do not delay other requests.
FEW_ROWS = 200
# Large bodies of one organization that are being read or next to be: one more, so that the thread never waits.
READ_AHEAD = 2
# Rows of large bodies of one organization that wait for their commit. The rest wait as they were sent.
ROWS_UNDER_WAY = 60_000


class TokenIntake:
    """Stores readings exactly once. The thread reads large bodies, those of several organizations in turns."""

    def __init__(
        self,
        database: Database,
        organization_keys: OrganizationKeys,
        limits: BodyLimits,
        team_limit: int,
        thread: FairThread,
    ) -> None:
        self._database = database
        self._keys = organization_keys
        self._limits = limits
        self._team_limit = team_limit
        self._thread = thread
        self._received = Shares(BYTES_UNDER_WAY)
        self._reading = Shares(READ_AHEAD)
        self._under_way = Shares(ROWS_UNDER_WAY)
        self._commits: GroupCommit[IntakeRows, int] = GroupCommit(self._save, lambda rows: rows.size)

    @asynccontextmanager
    async def receiving(self, caller: Caller, announced: int | None) -> AsyncIterator[None]:
        """Wait until the organization may send a body of this many bytes; hold the block while it is in memory."""
        if announced is not None and announced <= SMALL_BODY:
            yield
            return
        async with self._received.hold(caller.organization_id, UNANNOUNCED if announced is None else announced):
            yield

    async def read_and_add(
        self, caller: Caller, read: Callable[[], Iterable[Readings]], *, few: bool
    ) -> tuple[BodyRows, int]:
        """Read the parts of a body, in the thread unless `few`, and store them; return rows and number of new events.

        Raises what `read` raises, and UnavailableError when PostgreSQL cannot be reached; then nothing is stored, or
        only whole portions of a large body.
        """
        hasher = await self._keys.hasher(caller.organization_id)
        rows = BodyRows(hasher, caller.team_id, self._limits.stored)
        if few:
            for readings in read():
                rows.add(readings)
            return rows, await self._store(caller.organization_id, rows)
        async with self._reading.hold(caller.organization_id):
            await self._thread.run(caller.organization_id, _steps(read, rows))
            size = min(rows.size, ROWS_UNDER_WAY)
            await self._under_way.take(caller.organization_id, size)
        try:
            return rows, await self._store(caller.organization_id, rows)
        finally:
            self._under_way.give_back(caller.organization_id, size)

    async def _store(self, organization_id: int, rows: BodyRows) -> int:
        portions = [portion for portion in await aside(rows.size, rows.portions) if portion.size]
        if len(portions) == 1:
            return await self._commits.submit(organization_id, portions[0])
        return sum(await asyncio.gather(*(self._commits.submit(organization_id, each) for each in portions)))

    async def _save(self, organization_id: int, requests: Sequence[IntakeRows]) -> Sequence[int]:
        return await save(self._database, organization_id, requests, self._team_limit)


def _steps(read: Callable[[], Iterable[Readings]], rows: BodyRows) -> Generator[None, None, None]:
    for readings in read():
        rows.add(readings)
        yield


def provide_token_intake(
    state: State,
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
) -> TokenIntake:
    """Return the application's one intake: requests share commits only through the same object."""
    if "token_intake" not in state:
        limits = BodyLimits.of(settings)
        state.token_intake = TokenIntake(database, organization_keys, limits, settings.team_limit, state.fair_thread)
    intake: TokenIntake = state.token_intake
    return intake


DEPENDENCIES = {"token_intake": Provide(provide_token_intake, sync_to_thread=False)}
