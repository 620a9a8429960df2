"""Successive transactions on one connection, which share its cost: reads of several organizations, commits of one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from schema.database import Connection, Database, Tenant, begin
from schema.planner import PlannerSwitches, set_local

# Planning a look-up by key takes longer than the look-up.
_PLANNED_ONCE: PlannerSwitches = {"plan_cache_mode": "force_generic_plan"}


class Reading:
    """Successive read-only transactions on one connection, each for one organization.

    Statements are planned once per connection for any arguments, so use this only for look-ups by key.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_open = False

    async def organization(self, organization_id: int) -> Tenant:
        """Begin a transaction of an organization, which ends with the next call; never nest in it."""
        # Nothing was written, so a rollback ends the previous transaction as well as a commit.
        before = "ROLLBACK; " if self._is_open else ""
        await begin(
            self._connection,
            f"{before}BEGIN READ ONLY; {set_local(_PLANNED_ONCE)}; "
            f"SET LOCAL shipledger.organization_id = '{int(organization_id)}'",
        )
        self._is_open = True
        return Tenant(self._connection, organization_id, [_PLANNED_ONCE])

    async def end(self) -> None:
        """End the last transaction."""
        if self._is_open and not self._connection.is_closed():
            await self._connection.execute("ROLLBACK")


class Storing:
    """Successive transactions of one organization on one connection; each commit begins the next transaction."""

    def __init__(self, connection: Connection, organization_id: int) -> None:
        self.tenant = Tenant(connection, organization_id)
        self._begin = f"BEGIN; SET LOCAL shipledger.organization_id = '{int(organization_id)}'"
        self._is_open = True

    async def begin(self) -> None:
        """Begin the first transaction."""
        await begin(self.tenant.connection, self._begin)

    async def commit(self, *, goes_on: bool) -> None:
        """Commit; with `goes_on`, begin the next transaction in the same round trip."""
        await self.tenant.connection.execute(f"COMMIT; {self._begin}" if goes_on else "COMMIT")
        self._is_open = goes_on

    async def end(self) -> None:
        """Roll back what was not committed."""
        if self._is_open and not self.tenant.connection.is_closed():
            await self.tenant.connection.execute("ROLLBACK")


@asynccontextmanager
async def open_reading(database: Database) -> AsyncIterator[Reading]:
    """Open a connection that reads for one organization after another. Raises UnavailableError."""
    async with database.connection(is_reading=True) as connection:
        reading = Reading(connection)
        try:
            yield reading
        finally:
            await reading.end()


@asynccontextmanager
async def open_storing(database: Database, organization_id: int) -> AsyncIterator[Storing]:
    """Open a connection for successive commits of one organization, and begin the first transaction.

    Raises UnavailableError when PostgreSQL is unreachable or is lost before a commit.
    """
    async with database.connection() as connection:
        storing = Storing(connection, organization_id)
        try:
            await storing.begin()
            yield storing
        finally:
            await storing.end()
