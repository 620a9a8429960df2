"""Two organizations: an attacker, and a victim with a row in every table."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from schema.database import Database
from schema.key_ring import KeyRing
from schema.settings import Settings
from tests.conftest import MASTER_SECRET, opened
from tests.harness.foreign_rows import digests, fill
from tests.harness.organization import Organization


@dataclass(frozen=True)
class Victim:
    """The other organization, its row in each table, and the digests of all its rows."""

    organization_id: int
    rows: dict[str, dict[str, Any]]
    before: dict[str, str]
    superuser: asyncpg.Connection

    async def assert_untouched(self) -> None:
        assert await digests(self.superuser, self.organization_id) == self.before


@pytest.fixture
async def victim(database_url: str, other_organization: Organization) -> AsyncIterator[Victim]:
    """Fill every table, and empty it afterwards: the rows balance no ledger."""
    connection = await asyncpg.connect(database_url.replace("shipledger@", "postgres@"))
    organization_id = other_organization.organization_id
    rows = await fill(connection, organization_id, KeyRing.of(MASTER_SECRET))
    yield Victim(organization_id, rows, await digests(connection, organization_id), connection)
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for table in rows:
            await connection.execute(f"DELETE FROM {table} WHERE organization_id = $1", organization_id)
    await connection.close()


@pytest.fixture
async def application(settings: Settings) -> AsyncIterator[Database]:
    """The database as the service uses it."""
    async with opened(settings.database_url) as database:
        yield database
