import asyncio
from contextvars import Context

import asyncpg
import pytest

from schema.database import Database
from schema.errors import TooManyRequestsError, UnavailableError
from schema.tables import METADATA, TENANT_TABLES
from tests.harness.organization import Organization


async def test_an_organization_never_sees_the_rows_of_another(
    database: Database, organization: Organization, other_organization: Organization
) -> None:
    async with database.organization(organization.organization_id) as tenant:
        seen = {row["organization_id"] for row in await tenant.connection.fetch("SELECT organization_id FROM team")}
    assert seen == {organization.organization_id}
    async with database.operator() as connection:
        seen = {row["organization_id"] for row in await connection.fetch("SELECT organization_id FROM team")}
    assert seen == {organization.organization_id, other_organization.organization_id}


async def test_an_organization_cannot_write_into_another(
    database: Database, organization: Organization, other_organization: Organization
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.organization(organization.organization_id) as tenant:
            await tenant.connection.execute(
                "INSERT INTO team (organization_id, name) VALUES ($1, 'intruder')", other_organization.organization_id
            )


async def test_every_table_is_closed_by_row_level_security_even_to_its_owner(
    database: Database, organization: Organization
) -> None:
    async with database.organization(organization.organization_id) as tenant:
        rows = await tenant.connection.fetch(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
            " AND NOT (relrowsecurity AND relforcerowsecurity)"
        )
    assert [row["relname"] for row in rows] == ["alembic_version"]


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_every_key_unique_constraint_and_foreign_key_holds_the_organization(table: str) -> None:
    described = METADATA.tables[table]
    assert next(iter(described.primary_key.columns)).name == "organization_id"
    for index in described.indexes:
        assert not index.unique or index.columns[0].name == "organization_id", index.name
    for constraint in described.foreign_key_constraints:
        assert constraint.column_keys[0] == "organization_id"


async def test_a_database_that_is_away_is_unavailable_at_once() -> None:
    database = Database("postgresql://shipledger@/nothing?host=/nonexistent")
    await database.open()
    with pytest.raises(UnavailableError):
        async with database.operator():
            pass
    await database.close()


async def test_a_value_that_fits_no_column_does_not_count_as_an_outage(database: Database) -> None:
    with pytest.raises(asyncpg.DataError, match="out of int64 range"):
        async with database.operator() as connection:
            await connection.fetchval("SELECT $1::bigint", 2**70)


async def test_a_mistake_in_a_statement_is_not_taken_for_a_lost_connection(database: Database) -> None:
    with pytest.raises(asyncpg.InterfaceError, match="expects 1 argument"):
        async with database.operator() as connection:
            await connection.fetchval("SELECT $1::int")


async def test_one_organization_uses_its_share_of_the_connections_and_others_the_rest(
    database_url: str, organization: Organization, other_organization: Organization
) -> None:
    database = Database(database_url, pool_size=3, share=2)
    await database.open()
    may_end, is_full, begun = asyncio.Event(), asyncio.Event(), []

    async def work(organization_id: int) -> None:
        async with database.organization(organization_id) as tenant:
            begun.append(tenant.organization_id)
            if len(begun) == 2:
                is_full.set()
            await may_end.wait()

    own, other = organization.organization_id, other_organization.organization_id
    many = [asyncio.create_task(work(own)) for _ in range(5)]
    await is_full.wait()
    async with database.organization(other) as tenant:
        assert await tenant.connection.fetchval("SELECT 1") == 1
        assert begun == [own, own]
    may_end.set()
    await asyncio.gather(*many)
    assert begun == [own] * 5
    await database.close()


async def test_an_organization_that_uses_its_share_for_long_is_asked_to_send_less(
    database_url: str, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schema.database.ACQUIRE_SECONDS", 0.1)
    database = Database(database_url, pool_size=2, share=1)
    await database.open()

    async def another() -> None:
        async with database.organization(organization.organization_id):
            pass

    async with database.organization(organization.organization_id):
        # A task of its own: within the transaction, another one would not wait.
        waiting = asyncio.create_task(another(), context=Context())
        with pytest.raises(TooManyRequestsError) as raised:
            await waiting
    assert (raised.value.status, raised.value.seconds) == (429, 1)
    await another()
    await database.close()


async def test_a_transaction_within_another_of_the_organization_does_not_wait_for_its_share(
    database_url: str, organization: Organization
) -> None:
    database = Database(database_url, pool_size=2, share=1)
    await database.open()
    async with database.organization(organization.organization_id) as outer:
        async with database.organization(organization.organization_id) as inner:
            assert await inner.connection.fetchval("SELECT 1") == 1
        assert await outer.connection.fetchval("SELECT 1") == 1
    await database.close()
