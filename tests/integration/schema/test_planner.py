import asyncpg
import pytest

from schema.database import Database, Tenant
from service.http.transactions import open_reading
from tests.harness.organization import Organization

USUAL = {"enable_nestloop": "on", "enable_sort": "on", "plan_cache_mode": "auto"}
SHOWN = ", ".join(f"current_setting('{name}') AS {name}" for name in USUAL)


async def shown(tenant: Tenant) -> dict[str, str]:
    return dict(await tenant.connection.fetchrow(f"SELECT {SHOWN}"))


async def test_switches_hold_in_the_block_and_are_restored_after_it(
    database: Database, organization: Organization
) -> None:
    async with database.organization(organization.organization_id) as tenant:
        assert await shown(tenant) == USUAL
        async with tenant.planner(enable_nestloop="off", plan_cache_mode="force_custom_plan"):
            assert await shown(tenant) == USUAL | {"enable_nestloop": "off", "plan_cache_mode": "force_custom_plan"}
        assert await shown(tenant) == USUAL


async def test_a_nested_switch_is_restored_to_the_outer_value(database: Database, organization: Organization) -> None:
    async with database.organization(organization.organization_id) as tenant:
        async with tenant.planner(enable_nestloop="off", enable_sort="off"):
            async with tenant.planner(enable_nestloop="on", plan_cache_mode="force_generic_plan"):
                inside = {"enable_nestloop": "on", "enable_sort": "off", "plan_cache_mode": "force_generic_plan"}
                assert await shown(tenant) == inside
            assert await shown(tenant) == USUAL | {"enable_nestloop": "off", "enable_sort": "off"}
        assert await shown(tenant) == USUAL


async def test_a_switch_is_restored_to_the_value_of_the_session(database_url: str, organization: Organization) -> None:
    connection = await asyncpg.connect(database_url, server_settings={"enable_sort": "off"})
    try:
        async with connection.transaction():
            tenant = Tenant(connection, organization.organization_id)
            async with tenant.planner(enable_sort="on"):
                assert (await shown(tenant))["enable_sort"] == "on"
            assert (await shown(tenant))["enable_sort"] == "off"
    finally:
        await connection.close()


async def test_a_read_connection_is_restored_to_generic_plans(database: Database, organization: Organization) -> None:
    async with open_reading(database) as reading:
        tenant = await reading.organization(organization.organization_id)
        async with tenant.planner(plan_cache_mode="force_custom_plan"):
            assert (await shown(tenant))["plan_cache_mode"] == "force_custom_plan"
        assert (await shown(tenant))["plan_cache_mode"] == "force_generic_plan"


async def test_switches_are_restored_after_an_application_error(database: Database, organization: Organization) -> None:
    async with database.organization(organization.organization_id) as tenant:
        with pytest.raises(LookupError):
            async with tenant.planner(enable_nestloop="off"):
                raise LookupError
        assert await shown(tenant) == USUAL


async def test_switches_are_restored_when_a_statement_fails(database: Database, organization: Organization) -> None:
    async with database.organization(organization.organization_id) as tenant:
        async with tenant.planner(enable_sort="off"):
            with pytest.raises(asyncpg.DivisionByZeroError):
                async with tenant.transaction(), tenant.planner(enable_nestloop="off", enable_sort="on"):
                    await tenant.connection.execute("SELECT 1 / 0")
            assert await shown(tenant) == USUAL | {"enable_sort": "off"}
        assert await shown(tenant) == USUAL


async def test_switches_are_restored_when_a_failed_statement_is_rolled_back_to_a_savepoint(
    database: Database, organization: Organization
) -> None:
    async with database.organization(organization.organization_id) as tenant:
        with pytest.raises(asyncpg.DivisionByZeroError):
            async with tenant.planner(enable_nestloop="off"), tenant.transaction():
                await tenant.connection.execute("SELECT 1 / 0")
        assert await shown(tenant) == USUAL


async def test_an_error_that_ends_the_transaction_is_raised_unchanged(
    database: Database, organization: Organization
) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with database.organization(organization.organization_id) as tenant, tenant.planner(jit="off"):
            await tenant.connection.execute("SELECT 1 / 0")


async def test_switches_are_not_restored_on_a_closed_connection(database_url: str, organization: Organization) -> None:
    tenant = Tenant(await asyncpg.connect(database_url), organization.organization_id)
    block = tenant.planner(jit="off")
    await block.__aenter__()
    await tenant.connection.close()
    assert await block.__aexit__(LookupError, LookupError("ours"), None) is False
