import asyncpg
import pytest

from schema.database import Database, Tenant
from tests.harness.organization import Organization

USUAL = {"enable_nestloop": "on", "enable_sort": "on", "plan_cache_mode": "auto"}
SHOWN = ", ".join(f"current_setting('{name}') AS {name}" for name in USUAL)


async def shown(tenant: Tenant) -> dict[str, str]:
    return dict(await tenant.connection.fetchrow(f"SELECT {SHOWN}"))


async def test_switches_hold_inside_and_are_set_back_afterwards(database: Database, organization: Organization) -> None:
    async with database.organization(organization.organization_id) as tenant:
        assert await shown(tenant) == USUAL
        async with tenant.planner(enable_nestloop="off", plan_cache_mode="force_custom_plan"):
            assert await shown(tenant) == USUAL | {"enable_nestloop": "off", "plan_cache_mode": "force_custom_plan"}
        assert await shown(tenant) == USUAL


async def test_a_switch_inside_another_is_set_back_to_that(database: Database, organization: Organization) -> None:
    async with database.organization(organization.organization_id) as tenant:
        async with tenant.planner(enable_nestloop="off", enable_sort="off"):
            async with tenant.planner(enable_nestloop="on", plan_cache_mode="force_generic_plan"):
                inside = {"enable_nestloop": "on", "enable_sort": "off", "plan_cache_mode": "force_generic_plan"}
                assert await shown(tenant) == inside
            assert await shown(tenant) == USUAL | {"enable_nestloop": "off", "enable_sort": "off"}
        assert await shown(tenant) == USUAL


async def test_a_switch_of_the_session_is_what_it_is_set_back_to(database_url: str, organization: Organization) -> None:
    connection = await asyncpg.connect(database_url, server_settings={"enable_sort": "off"})
    try:
        async with connection.transaction():
            tenant = Tenant(connection, organization.organization_id)
            async with tenant.planner(enable_sort="on"):
                assert (await shown(tenant))["enable_sort"] == "on"
            assert (await shown(tenant))["enable_sort"] == "off"
    finally:
        await connection.close()


async def test_a_reading_connection_is_set_back_to_plans_that_are_made_once(
    database: Database, organization: Organization
) -> None:
    async with database.reading() as reading:
        tenant = await reading.organization(organization.organization_id)
        async with tenant.planner(plan_cache_mode="force_custom_plan"):
            assert (await shown(tenant))["plan_cache_mode"] == "force_custom_plan"
        assert (await shown(tenant))["plan_cache_mode"] == "force_generic_plan"


async def test_switches_are_set_back_when_something_of_ours_is_raised(
    database: Database, organization: Organization
) -> None:
    async with database.organization(organization.organization_id) as tenant:
        with pytest.raises(LookupError):
            async with tenant.planner(enable_nestloop="off"):
                raise LookupError
        assert await shown(tenant) == USUAL


async def test_switches_are_set_back_when_a_statement_fails(database: Database, organization: Organization) -> None:
    async with database.organization(organization.organization_id) as tenant:
        async with tenant.planner(enable_sort="off"):
            with pytest.raises(asyncpg.DivisionByZeroError):
                async with tenant.transaction(), tenant.planner(enable_nestloop="off", enable_sort="on"):
                    await tenant.connection.execute("SELECT 1 / 0")
            assert await shown(tenant) == USUAL | {"enable_sort": "off"}
        assert await shown(tenant) == USUAL


async def test_switches_are_set_back_when_a_statement_fails_that_is_taken_back_alone(
    database: Database, organization: Organization
) -> None:
    async with database.organization(organization.organization_id) as tenant:
        with pytest.raises(asyncpg.DivisionByZeroError):
            async with tenant.planner(enable_nestloop="off"), tenant.transaction():
                await tenant.connection.execute("SELECT 1 / 0")
        assert await shown(tenant) == USUAL


async def test_a_failure_that_ends_the_transaction_is_what_is_raised(
    database: Database, organization: Organization
) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with database.organization(organization.organization_id) as tenant, tenant.planner(jit="off"):
            await tenant.connection.execute("SELECT 1 / 0")


async def test_of_a_connection_that_is_gone_nothing_is_asked(database_url: str, organization: Organization) -> None:
    tenant = Tenant(await asyncpg.connect(database_url), organization.organization_id)
    block = tenant.planner(jit="off")
    await block.__aenter__()
    await tenant.connection.close()
    assert await block.__aexit__(LookupError, LookupError("ours"), None) is False
