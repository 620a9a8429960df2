"""Successive transactions on one connection, each bound to its organization."""

from schema.database import Database
from service.http.transactions import open_reading, open_storing
from tests.harness.organization import Organization


async def test_a_connection_that_reads_for_one_organization_after_another_shows_each_its_own(
    database: Database, organization: Organization, other_organization: Organization
) -> None:
    both = (organization.organization_id, other_organization.organization_id)
    async with open_reading(database) as reading:
        for organization_id in (*both, *both):
            tenant = await reading.organization(organization_id)
            rows = await tenant.connection.fetch("SELECT organization_id FROM team")
            assert {row["organization_id"] for row in rows} == {organization_id}


async def test_a_connection_that_commits_one_group_after_another_keeps_those_and_takes_back_the_last(
    database: Database, organization: Organization
) -> None:
    adding = "INSERT INTO team (organization_id, name) VALUES ($1, $2)"
    async with open_storing(database, organization.organization_id) as storing:
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
    async with open_storing(database, organization.organization_id) as storing:
        for goes_on in (True, True, False):
            rows = await storing.tenant.connection.fetch("SELECT organization_id FROM team")
            assert {row["organization_id"] for row in rows} == {organization.organization_id}
            await storing.commit(goes_on=goes_on)
        # After the last transaction no organization is set, so every row is hidden.
        assert await storing.tenant.connection.fetch("SELECT organization_id FROM team") == []
    assert other_organization.organization_id != organization.organization_id


async def test_nothing_of_a_transaction_is_left_on_its_connection(
    database_url: str, organization: Organization
) -> None:
    database = Database(database_url, pool_size=1)
    await database.open()
    try:
        async with open_reading(database) as reading:
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
