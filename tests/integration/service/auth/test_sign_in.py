"""Links that open the dashboard once."""

import asyncio

from schema.database import Database
from service.auth.roles import Role
from service.auth.sign_in import Grant, create_sign_in_link, redeem
from service.auth.tokens import token_organization
from tests.harness.organization import Organization


async def make(database: Database, organization: Organization) -> str:
    async with database.organization(organization.organization_id) as tenant:
        return await create_sign_in_link(tenant)


async def use(database: Database, organization_id: int, token: str) -> Grant | None:
    async with database.organization(organization_id) as tenant:
        return await redeem(tenant, token)


async def test_exactly_one_of_many_concurrent_uses_signs_in(database: Database, organization: Organization) -> None:
    token = await make(database, organization)
    assert token_organization(token) == organization.organization_id
    uses = [use(database, organization.organization_id, token) for _ in range(5)]
    used = await asyncio.gather(*uses)
    assert used.count(None) == 4
    assert used.count(Grant(Role.OWNER, None)) == 1


async def test_an_expired_or_unknown_link_does_not_sign_in(database: Database, organization: Organization) -> None:
    token = await make(database, organization)
    organization_id = organization.organization_id
    async with database.organization(organization_id) as tenant:
        await tenant.execute("UPDATE sign_in_link SET expires_at = now() WHERE organization_id = $1")
    assert not await use(database, organization_id, token)
    assert not await use(database, organization_id, f"{organization_id}-" + "x" * 43)


async def test_a_link_opens_its_own_organization_only(
    database: Database, organization: Organization, other_organization: Organization
) -> None:
    token = await make(database, organization)
    assert not await use(database, other_organization.organization_id, token)
    assert await use(database, organization.organization_id, token)


async def test_the_token_itself_is_not_stored(database: Database, organization: Organization) -> None:
    token = await make(database, organization)
    organization_id = organization.organization_id
    async with database.organization(organization_id) as tenant:
        rows = await tenant.fetch("SELECT sign_in_link::text AS row FROM sign_in_link WHERE organization_id = $1")
    assert len(rows) == 1
    assert token[-43:] not in rows[0]["row"]
    assert token_organization("nonsense") is None
