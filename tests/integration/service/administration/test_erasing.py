"""Erasing an organization leaves no byte of it anywhere, and every byte of another."""

import contextlib
from typing import Any

import asyncpg
import pytest
import redis

from key_services.configured import ring_of
from schema.database import Database
from schema.errors import NotFoundError
from schema.organization_keys import OrganizationKeys
from schema.queue import Job, Queue
from schema.settings import Settings
from schema.tables import METADATA, TENANT_TABLES
from service.administration.erasing import count_rows, erase_organization
from service.administration.organizations import add_organization, list_organizations
from tests.harness.every_table import EveryTable, dump, values_in
from tests.harness.organization import Organization
from tests.integration.service.api.conftest import Api
from workers.stores.upkeep.due_work import find_due
from workers.stores.upkeep.expired import find_organizations

FIRST = 7_100_001
FILLED = set(TENANT_TABLES)


@pytest.fixture
async def filled(unchecked: Settings, superuser_url: str) -> Any:
    """Fill every table for two organizations whose numbers occur nowhere else, and queue a job of each."""
    connection = await asyncpg.connect(superuser_url)
    await connection.execute(f"ALTER TABLE organization ALTER COLUMN organization_id RESTART WITH {FIRST}")
    queue = Queue(unchecked.redis_url)
    for number in (FIRST, FIRST + 1):
        assert await add_organization(unchecked, f"canary-{number}-name") == number
        await EveryTable(number, f"canary-{number}", ring_of(unchecked)).fill(connection)
        assert await queue.wake(Job.SETTLE_DAYS, number)
        assert await queue.wake(Job.ROLL_UP_SPEND, number)
    await queue.close()
    await connection.execute("ANALYZE")
    yield connection
    await connection.close()


async def everything(connection: asyncpg.Connection, redis_url: str) -> dict[str, list[bytes]]:
    """Return all values of all tables, of PostgreSQL's statistics about them, and of Redis, as bytes."""
    found = {
        table: [as_bytes(value) for row in rows for value in values_in(row)]
        for table, rows in (await dump(connection)).items()
    }
    for row in await connection.fetch(
        "SELECT tablename, s::text AS seen FROM pg_stats AS s WHERE schemaname = 'public'"
    ):
        found.setdefault(f"statistics of {row['tablename']}", []).append(as_bytes(row["seen"]))
    client = redis.Redis.from_url(redis_url)
    found["redis"] = [part for key in client.scan_iter() for part in (key, client.dump(key) or b"")]
    client.close()
    return found


def as_bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def places_of(number: int, found: dict[str, list[bytes]]) -> set[str]:
    """Return where the number or the canary of an organization occurs: as it stands or in hexadecimal digits."""
    wanted = [str(number).encode(), f"canary-{number}".encode(), f"canary-{number}".encode().hex().encode()]
    return {place for place, values in found.items() for value in values if any(each in value for each in wanted)}


def test_every_table_begins_with_the_organization_so_that_none_is_forgotten() -> None:
    assert {name for name, table in METADATA.tables.items() if "organization_id" not in table.columns} == set()


async def test_no_byte_of_an_erased_organization_is_left_and_every_byte_of_another(
    unchecked: Settings, filled: asyncpg.Connection
) -> None:
    before = await everything(filled, unchecked.redis_url)
    assert FILLED | {"redis", "statistics of connection"} <= places_of(FIRST, before)
    assert FILLED | {"redis"} <= places_of(FIRST + 1, before)
    expected = await count_rows(unchecked, FIRST)
    assert set(expected) == FILLED

    assert await erase_organization(unchecked, FIRST) == expected

    after = await everything(filled, unchecked.redis_url)
    assert places_of(FIRST, after) == set()
    assert FILLED | {"redis"} <= places_of(FIRST + 1, after)
    kept = {table: [row for row in rows if FIRST + 1 in row] for table, rows in (await dump(filled)).items()}
    assert all(len(rows) == (2 if table in {"team", "audit_entry"} else 1) for table, rows in kept.items() if rows)
    with pytest.raises(NotFoundError, match="organization list"):
        await erase_organization(unchecked, FIRST)


async def test_an_interrupted_erasure_destroys_the_key_first_and_goes_on(
    unchecked: Settings, filled: asyncpg.Connection
) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        await erase_organization(unchecked, FIRST, interrupt)

    left = await count_rows(unchecked, FIRST)
    assert 10 < len(left) < len(FILLED)
    assert await filled.fetchval("SELECT sealed_key FROM organization WHERE organization_id = $1", FIRST) == b""
    listed = {row["id"]: row["is_being_erased"] for row in await list_organizations(unchecked)}
    assert listed == {FIRST: True, FIRST + 1: False}
    await nobody_works_for_it(unchecked)
    assert await erase_organization(unchecked, FIRST) == left
    assert places_of(FIRST, await everything(filled, unchecked.redis_url)) == set()


async def nobody_works_for_it(settings: Settings) -> None:
    database = Database(settings.database_url)
    await database.open()
    async with database.operator() as connection:
        assert await find_organizations(connection) == [FIRST + 1]
        due = {number for _, number in await find_due(connection, settings.refit_pause)}
    assert due == {FIRST + 1}
    with pytest.raises(NotFoundError, match="erased"):
        await OrganizationKeys(database, ring_of(settings)).hasher(FIRST)
    await database.close()


async def rows_of(database: Database, organization: Organization) -> dict[str, int]:
    found = {}
    async with database.operator() as connection:
        for table in TENANT_TABLES:
            count = await connection.fetchval(
                f"SELECT count(*) FROM {table} WHERE organization_id = $1", organization.organization_id
            )
            if count:
                found[table] = count
    return found


async def test_every_row_of_an_organization_is_deleted_and_none_of_another(
    company: Api,
    settings: Settings,
    database: Database,
    organization: Organization,
    other_organization: Organization,
) -> None:
    await company.post("shared-links", {"view": "/"}, 201)
    expected = await rows_of(database, organization)
    untouched = await rows_of(database, other_organization)
    assert len(expected) > 20
    assert await count_rows(settings, organization.organization_id) == expected
    assert await rows_of(database, organization) == expected
    assert await erase_organization(settings, organization.organization_id) == expected
    assert await rows_of(database, organization) == {}
    assert await rows_of(database, other_organization) == untouched
    with pytest.raises(NotFoundError, match="organization list"):
        await erase_organization(settings, organization.organization_id)
