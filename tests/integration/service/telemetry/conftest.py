"""What was stored, as the tests of the telemetry routes ask for it."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from schema.database import Database
from tests.harness.organization import Organization
from vocabulary.tokens import TokenCounts

Rows = Callable[[str], Awaitable[list[asyncpg.Record]]]


@pytest.fixture
def rows(database: Database, organization: Organization) -> Rows:
    """All rows of a table of the organization."""

    async def fetch(table: str) -> list[asyncpg.Record]:
        async with database.organization(organization.organization_id) as tenant:
            return await tenant.fetch(f"SELECT * FROM {table} WHERE organization_id = $1")

    return fetch


@pytest.fixture
def received(rows: Rows) -> Callable[[], Awaitable[tuple[int, TokenCounts]]]:
    """Requests and tokens at the door."""

    async def total() -> tuple[int, TokenCounts]:
        totals = await rows("intake_total")
        return (
            sum(row["requests"] for row in totals),
            TokenCounts(*(sum(row[kind] for row in totals) for kind in TokenCounts._fields)),
        )

    return total
