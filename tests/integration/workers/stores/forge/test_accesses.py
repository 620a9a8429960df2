"""How a connection's forge can be asked: by its token, as its installation, or not at all."""

from uuid import UUID

import pytest

from key_services.configured import ring_of
from schema.database import Database
from tests.harness.forges.app_set_up import AppSetUp
from tests.harness.organization import Organization
from workers.forge_access.access import Access
from workers.stores.forge.accesses import AccessVaults, load_access


async def load(app_set_up: AppSetUp, database: Database, connection_id: UUID) -> Access | None:
    vaults = AccessVaults(ring_of(app_set_up.context.settings))
    organization_id = app_set_up.organization.organization_id
    async with database.organization(organization_id) as tenant:
        return await load_access(tenant, vaults, connection_id)


async def connection_of(app_set_up: AppSetUp, database: Database) -> UUID:
    organization_id = app_set_up.organization.organization_id
    async with database.organization(organization_id) as tenant:
        found: UUID = await tenant.fetchval("SELECT connection_id FROM connection WHERE organization_id = $1")
    return found


async def test_an_active_installation_uses_its_own_credentials(app_set_up: AppSetUp, database: Database) -> None:
    app, _ = await app_set_up.registered()
    installation = app_set_up.fake.apps.install(app, [])
    await app_set_up.send_installation(app, installation, "created")
    connection_id = await connection_of(app_set_up, database)
    access = await load(app_set_up, database, connection_id)
    assert access is not None
    assert access.installation is not None
    assert (access.forge, access.host, access.base_url) == ("github", "127.0.0.1", app_set_up.url)
    assert (access.installation.app_id, access.installation.installation_id) == (app.number, installation.number)
    assert "PRIVATE" not in repr(access)
    assert access.token is None
    for action in ("suspend", "deleted"):
        await app_set_up.send_installation(app, installation, action)
        assert await load(app_set_up, database, connection_id) is None


@pytest.mark.parametrize("token", ["glpat-CANARY", None])
async def test_a_connection_made_by_hand_uses_its_token(
    app_set_up: AppSetUp, database: Database, organization: Organization, token: str | None
) -> None:
    body = {"forge": "gitlab", "base_url": "https://gitlab.example.com/sub/", "token": token}
    answer = await app_set_up.client.post("/api/v1/connections", json=body, headers=organization.headers)
    assert answer.status_code == 201
    connection_id = await connection_of(app_set_up, database)
    expected = Access(connection_id, "gitlab", "gitlab.example.com", "https://gitlab.example.com/sub", token)
    assert await load(app_set_up, database, connection_id) == (expected if token else None)
