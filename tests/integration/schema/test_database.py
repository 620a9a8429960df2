import asyncpg
import pytest

from schema.database import Database
from schema.errors import UnavailableError
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


async def test_a_connection_that_reads_for_one_organization_after_another_shows_each_its_own(
    database: Database, organization: Organization, other_organization: Organization
) -> None:
    both = (organization.organization_id, other_organization.organization_id)
    async with database.reading() as reading:
        for organization_id in (*both, *both):
            tenant = await reading.organization(organization_id)
            rows = await tenant.connection.fetch("SELECT organization_id FROM team")
            assert {row["organization_id"] for row in rows} == {organization_id}


async def test_a_connection_that_commits_one_group_after_another_keeps_those_and_takes_back_the_last(
    database: Database, organization: Organization
) -> None:
    adding = "INSERT INTO team (organization_id, name) VALUES ($1, $2)"
    async with database.storing(organization.organization_id) as storing:
        for name in ("first", "second"):
            await storing.tenant.execute(adding, name)
            await storing.commit(goes_on=True)
        await storing.tenant.execute(adding, "third")
    async with database.organization(organization.organization_id) as tenant:
        rows = await tenant.connection.fetch("SELECT name FROM team")
    assert {"first", "second"} <= {row["name"] for row in rows}
    assert "third" not in {row["name"] for row in rows}


async def test_each_group_that_a_connection_commits_is_bound_to_the_organization(
    database: Database, organization: Organization, other_organization: Organization
) -> None:
    async with database.storing(organization.organization_id) as storing:
        for goes_on in (True, True, False):
            rows = await storing.tenant.connection.fetch("SELECT organization_id FROM team")
            assert {row["organization_id"] for row in rows} == {organization.organization_id}
            await storing.commit(goes_on=goes_on)
        # Beyond the last there is no tenant, and nothing to see.
        assert await storing.tenant.connection.fetch("SELECT organization_id FROM team") == []
    assert other_organization.organization_id != organization.organization_id


async def test_nothing_of_a_transaction_is_left_on_its_connection(
    database_url: str, organization: Organization
) -> None:
    database = Database(database_url, pool_size=1)
    await database.open()
    try:
        async with database.reading() as reading:
            await reading.organization(organization.organization_id)
        async with database.organization(organization.organization_id):
            pass
        async with database.operator() as connection:
            settings = await connection.fetchrow(
                "SELECT current_setting('shipledger.organization_id', true) AS organization_id,"
                " current_setting('plan_cache_mode') AS plan, current_setting('transaction_read_only') AS read_only"
            )
        assert dict(settings) == {"organization_id": "", "plan": "auto", "read_only": "off"}
    finally:
        await database.close()
