"""PostgreSQL through asyncpg: transactions of one organization, sweeps of workers, and the few of the owner."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeAlias, Unpack

import asyncpg

from schema.errors import SetUpError, TooManyRequestsError, UnavailableError
from schema.outages import DATABASE_ERRORS, Outage, OutageLog, connect_outage, outage_of
from schema.planner import PlannerSwitches, restore_local, set_local
from schema.server_watch import ServerWatch
from schema.shares import Shares

Connection: TypeAlias = asyncpg.Connection

ACQUIRE_SECONDS = 3.0
# Leaves time to report within three seconds that a server does not answer.
CONNECT_SECONDS = 2.5
# A frozen server, or one behind a dead network, takes a statement and never answers; no beginning takes this long.
BEGIN_SECONDS = 3.0
COMMAND_SECONDS = 60.0
# When an organization that uses its share of the connections should try again.
CROWDED_RETRY_SECONDS = 1

# A prepared statement belongs to the connection behind the pooler, which the next transaction may not have.
_PREPARED_NEVER = {"statement_cache_size": 0}

# The organization of the innermost open transaction that was counted in its share.
_HOLDER: ContextVar[int | None] = ContextVar("holder", default=None)


@dataclass(frozen=True, slots=True)
class Tenant:
    """A transaction of one organization. Each statement gets the organization's id as `$1`, before its own arguments.

    Use `connection` for statements whose `$1` is something else.
    """

    connection: Connection
    organization_id: int
    # Planner settings of the open `planner` blocks, innermost last.
    _switched: list[PlannerSwitches] = field(default_factory=list, repr=False, compare=False)

    def fetch(self, sql: str, *arguments: object) -> Coroutine[Any, Any, list[asyncpg.Record]]:
        """Fetch all rows."""
        rows: Coroutine[Any, Any, list[asyncpg.Record]] = self.connection.fetch(sql, self.organization_id, *arguments)
        return rows

    def fetchrow(self, sql: str, *arguments: object) -> Coroutine[Any, Any, Any]:
        """Fetch the first row, None if there is none."""
        row: Coroutine[Any, Any, Any] = self.connection.fetchrow(sql, self.organization_id, *arguments)
        return row

    def fetchval(self, sql: str, *arguments: object) -> Coroutine[Any, Any, Any]:
        """Fetch the first value of the first row, None if there is none."""
        value: Coroutine[Any, Any, Any] = self.connection.fetchval(sql, self.organization_id, *arguments)
        return value

    def execute(self, sql: str, *arguments: object) -> Coroutine[Any, Any, str]:
        """Execute a statement; return PostgreSQL's command tag, such as `UPDATE 1`."""
        status: Coroutine[Any, Any, str] = self.connection.execute(sql, self.organization_id, *arguments)
        return status

    def transaction(self) -> asyncpg.transaction.Transaction:
        """Return a savepoint: an error inside rolls back only what was done inside."""
        return self.connection.transaction()

    @asynccontextmanager
    async def planner(self, **switches: Unpack[PlannerSwitches]) -> AsyncIterator[None]:
        """Plan the statements inside with these settings, and restore the previous settings even after an error.

        Costs two round trips. Explain at each use what the planner would do otherwise.
        """
        before: PlannerSwitches = self._switched[-1] if self._switched else {}
        await self.connection.execute(set_local(switches))
        self._switched.append({**before, **switches})
        failed = True
        try:
            yield
            failed = False
        finally:
            self._switched.pop()
            if not failed:
                await self.connection.execute(restore_local(switches, before))
            elif not self.connection.is_closed():
                # After a failed statement PostgreSQL refuses others, and the rollback restores the settings.
                with suppress(asyncpg.InFailedSQLTransactionError):
                    await self.connection.execute(restore_local(switches, before))


@dataclass(frozen=True, slots=True)
class Sweep:
    """A transaction of a worker that finds rows of every organization. It reads the tables that sweeps need.

    It writes as one organization at a time.
    """

    connection: Connection

    async def organization(self, organization_id: int) -> Tenant:
        """Return the handle of an organization, which all writes from now on belong to."""
        await self.connection.execute(f"SET LOCAL shipledger.organization_id = '{int(organization_id)}'")
        return Tenant(self.connection, organization_id)


class Database:
    """A pool of connections as one of the roles of docs/security.md: owner, application or sweep.

    With a `share`, transactions of one organization use at most so many connections at a time. With `is_pooled`, the
    URL leads to a pooler that may give each transaction another connection, so that nothing is prepared beyond it.
    """

    def __init__(self, url: str, pool_size: int = 10, share: int | None = None, *, is_pooled: bool = False) -> None:
        self._shares = Shares(share) if share else None
        self._is_pooled = is_pooled
        self._url = url
        self._pool_size = pool_size
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._outages = OutageLog()
        self._watch = ServerWatch(self._ask)

    async def open(self) -> None:
        """Create the pool. It connects on first use, so that a process can start while PostgreSQL is unreachable."""
        self._pool = await asyncpg.create_pool(
            self._url,
            min_size=0,
            max_size=self._pool_size,
            timeout=CONNECT_SECONDS,
            command_timeout=COMMAND_SECONDS,
            max_inactive_connection_lifetime=300,
            reset=_nothing_to_reset,
            **(_PREPARED_NEVER if self._is_pooled else {}),
        )
        self._watch.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._watch.close()
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    @asynccontextmanager
    async def organization(self, organization_id: int) -> AsyncIterator[Tenant]:
        """Begin a transaction that row-level security limits to one organization.

        Raises UnavailableError when PostgreSQL is unreachable or is lost before the commit, and TooManyRequestsError
        when the organization has used its share of the connections for seconds.
        """
        scope = f"SET LOCAL shipledger.organization_id = '{int(organization_id)}'"
        outer = _HOLDER.get()
        # A transaction within another one of the organization must not wait for it.
        if self._shares is None or outer == organization_id:
            async with self._transaction(scope) as connection:
                yield Tenant(connection, organization_id)
            return
        await _take(self._shares, organization_id)
        _HOLDER.set(organization_id)
        try:
            async with self._transaction(scope) as connection:
                yield Tenant(connection, organization_id)
        finally:
            _HOLDER.set(outer)
            self._shares.give_back(organization_id)

    @asynccontextmanager
    async def sweep(self) -> AsyncIterator[Sweep]:
        """Begin a transaction that finds rows of every organization; as another role than sweep or owner it finds none.

        Raises UnavailableError when PostgreSQL is unreachable or is lost before the commit.
        """
        async with self.operator() as connection:
            yield Sweep(connection)

    @asynccontextmanager
    async def operator(self) -> AsyncIterator[Connection]:
        """Begin a transaction that sees and changes every organization, which only the owner of the tables can do.

        Raises UnavailableError when PostgreSQL is unreachable or is lost before the commit.
        """
        async with self._transaction("SET LOCAL shipledger.operator = 'on'") as connection:
            yield connection

    @asynccontextmanager
    async def nobody(self) -> AsyncIterator[Connection]:
        """Begin a transaction that sees no organization, to look at the server. Raises UnavailableError."""
        async with self._transaction("SET LOCAL shipledger.organization_id = ''") as connection:
            yield connection

    async def look_up(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        """Call a function of the owner that finds the organization of a request. Raises UnavailableError."""
        async with self.connection() as connection, AsyncExitStack() as ending:
            if self._is_pooled:
                # Elsewhere two round trips more, for one statement that is a transaction by itself.
                await ending.enter_async_context(connection.transaction(readonly=True))
            rows: list[asyncpg.Record] = await connection.fetch(sql, *arguments, timeout=BEGIN_SECONDS)
        return rows

    @asynccontextmanager
    async def _transaction(self, scope: str) -> AsyncIterator[Connection]:
        async with self.connection() as connection, AsyncExitStack() as ending:
            try:
                async with asyncio.timeout(BEGIN_SECONDS):
                    await ending.enter_async_context(connection.transaction())
                    # A literal SET LOCAL: on Citus only this form reaches the shards.
                    await connection.execute(scope)
                yield connection
            except TimeoutError:
                # The server might not answer a rollback either.
                connection.terminate()
                raise

    @asynccontextmanager
    async def connection(self, *, is_reading: bool = False) -> AsyncIterator[Connection]:
        """Open a connection that sees no organization until a transaction of it begins. Raises UnavailableError.

        With `is_reading`, its transactions are read-only, and a statement that writes is a mistake of ours.
        """
        if self._pool is None:
            raise RuntimeError("the database was not opened")
        connection: Connection | None = None
        is_lost = True
        try:
            async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
                self._watch.begin(connection)
                try:
                    yield connection
                    self._outages.succeeded()
                except (asyncpg.InternalClientError, TimeoutError):
                    # The state is unknown, such as after the server ended the connection between two statements, or the
                    # server does not answer.
                    connection.terminate()
                    raise
                finally:
                    self._watch.end(connection)
                    is_lost = connection.is_closed()
        except DATABASE_ERRORS as error:
            outage = self._connect_outage(error) if connection is None else _outage_within(error, is_lost=is_lost)
            if outage is None or (is_reading and outage is Outage.READ_ONLY):
                raise
            self._outages.failed(outage, error)
            raise UnavailableError(outage.sentence, remedy=outage.explained(error)) from error

    async def _ask(self) -> None:
        """Return if the server answers a new connection, be it with an error. Raises TimeoutError."""
        try:
            connection = await asyncpg.connect(self._url, timeout=CONNECT_SECONDS)
        except TimeoutError:
            raise
        except DATABASE_ERRORS:
            return
        connection.terminate()

    def _connect_outage(self, error: BaseException) -> Outage:
        assert self._pool is not None, "a connection was asked for"
        in_use = self._pool.get_size() - self._pool.get_idle_size()
        is_waiting = isinstance(error, TimeoutError) and in_use >= self._pool_size
        return Outage.POOL_IN_USE if is_waiting else connect_outage(error)


def _outage_within(error: BaseException, *, is_lost: bool) -> Outage | None:
    """Return why a transaction failed, None for a mistake of ours."""
    if not isinstance(error, asyncpg.InterfaceError):
        return outage_of(error)
    # While the connection is open, the same class means a mistake, such as a missing argument.
    if not is_lost:
        return None
    # The rollback on a lost connection fails, too, and hides the first error.
    hidden = error.__context__
    while hidden is not None:
        if outage := outage_of(hidden):
            return outage
        hidden = hidden.__context__
    return Outage.UNREACHABLE


async def require_database(url: str) -> None:
    """Raise SetUpError if PostgreSQL answers and does not have the database; any other outage may end by itself."""
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    except DATABASE_ERRORS as error:
        if connect_outage(error) is Outage.MISSING:
            raise SetUpError(Outage.MISSING.explained(error)) from error
    else:
        await connection.close()


async def begin(connection: Connection, statements: str) -> None:
    """Execute statements that begin a transaction; close a connection that does not answer. Raises TimeoutError."""
    try:
        await connection.execute(statements, timeout=BEGIN_SECONDS)
    except TimeoutError:
        connection.terminate()
        raise


async def _take(shares: Shares, organization_id: int) -> None:
    if shares.try_take(organization_id):
        return
    try:
        async with asyncio.timeout(ACQUIRE_SECONDS):
            await shares.take(organization_id)
    except TimeoutError as error:
        raise TooManyRequestsError(
            "too many requests of the organization are under way; send fewer at once", CROWDED_RETRY_SECONDS
        ) from error


async def _nothing_to_reset(_: Connection) -> None:
    """Do nothing: every setting and lock ends with its transaction, so that connections need no reset."""


def rows_as_columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """Convert rows to one list per column, as `unnest` upserts need them."""
    return [list(column) for column in zip(*rows, strict=True)]
