"""PostgreSQL through asyncpg: transactions that see one organization, and the few that see all."""

from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias, Unpack

import asyncpg

from schema.errors import UnavailableError
from schema.planner import PlannerSwitches, restore_local, set_local

Connection: TypeAlias = asyncpg.Connection

ACQUIRE_SECONDS = 3.0
COMMAND_SECONDS = 60.0

# What asyncpg raises when the server is unreachable, starting, stopping or full; a later attempt may succeed.
UNREACHABLE: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)


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


class Database:
    """A pool of connections for transactions of one organization, or of all."""

    def __init__(self, url: str, pool_size: int = 10) -> None:
        self._url = url
        self._pool_size = pool_size
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    async def open(self) -> None:
        """Create the pool. It connects on first use, so that a process can start while PostgreSQL is unreachable."""
        self._pool = await asyncpg.create_pool(
            self._url,
            min_size=0,
            max_size=self._pool_size,
            timeout=ACQUIRE_SECONDS,
            command_timeout=COMMAND_SECONDS,
            max_inactive_connection_lifetime=300,
            reset=_nothing_to_reset,
        )

    async def close(self) -> None:
        """Close every connection."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    @asynccontextmanager
    async def organization(self, organization_id: int) -> AsyncIterator[Tenant]:
        """Begin a transaction that row-level security limits to one organization.

        Raises UnavailableError when PostgreSQL is unreachable or is lost before the commit.
        """
        async with self._transaction(f"SET LOCAL shipledger.organization_id = '{int(organization_id)}'") as connection:
            yield Tenant(connection, organization_id)

    @asynccontextmanager
    async def operator(self) -> AsyncIterator[Connection]:
        """Begin a transaction that sees every organization, to find the organization of a request, and for sweeps.

        Raises UnavailableError when PostgreSQL is unreachable or is lost before the commit.
        """
        async with self._transaction("SET LOCAL shipledger.operator = 'on'") as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self, scope: str) -> AsyncIterator[Connection]:
        async with self.connection() as connection, connection.transaction():
            # A literal SET LOCAL: on Citus only this form reaches the shards.
            await connection.execute(scope)
            yield connection

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Open a connection that sees no organization until a transaction of it begins. Raises UnavailableError."""
        if self._pool is None:
            raise RuntimeError("the database was not opened")
        is_lost = True
        try:
            async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
                try:
                    yield connection
                finally:
                    is_lost = connection.is_closed()
        except UNREACHABLE as error:
            raise UnavailableError("the database cannot be reached; try again in a moment") from error
        except asyncpg.InterfaceError as error:
            # The same class means a mistake of ours, such as a missing argument, while the connection is open.
            if not is_lost:
                raise
            raise UnavailableError("the connection to the database was lost; try again in a moment") from error


async def _nothing_to_reset(_: Connection) -> None:
    """Do nothing: every setting and lock ends with its transaction, so that connections need no reset."""


def rows_as_columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """Convert rows to one list per column, as `unnest` upserts need them."""
    return [list(column) for column in zip(*rows, strict=True)]
