"""Connections in PostgreSQL, as the webhook endpoints need them."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg

from schema.database import Database
from schema.encryption import Vault
from schema.errors import NotFoundError
from schema.installations import connect_installation
from service.connections.names import ConnectionName
from service.webhooks.apps import SigningApp

DELETED = "deleted"

_FIND = """
    SELECT sealed_secret, state FROM connection
    WHERE organization_id = $1 AND connection_id = $2 AND forge = $3
"""

# One of an App that an organization registered counts for what that App signed, and for nothing else.
_FIND_INSTALLATION = """
    SELECT organization_id, connection_id, state FROM connection
    WHERE installation_id = $1 AND forge = 'github' AND host = $2 AND registration_id IS NULL
    ORDER BY created_at LIMIT 1
"""

_FIND_OF_APP = """
    SELECT connection_id, state FROM connection
    WHERE organization_id = $1 AND registration_id = $2 AND installation_id = $3
"""

_ONLY_ORGANIZATION = """
    SELECT min(organization_id) FROM organization HAVING count(*) = 1
"""

# A concurrent delivery may have made it; then the row that won is the one to use.
_ADOPT = """
    INSERT INTO connection (organization_id, connection_id, forge, host, installation_id)
    VALUES ($1, $2, 'github', $3, $4)
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Installation:
    """The connection of a GitHub App installation; intake ends when the App was uninstalled."""

    name: ConnectionName
    is_open: bool


async def find_secret(database: Database, vault: Vault, name: ConnectionName, forge: str) -> str:
    """The secret of a connection made by hand; raises NotFoundError when there is none that takes deliveries."""
    async with database.organization(name.organization_id) as tenant:
        row: asyncpg.Record | None = await tenant.fetchrow(_FIND, name.connection_id, forge)
    if row is None or row["state"] == DELETED or row["sealed_secret"] is None:
        raise NotFoundError("no connection has this id; list them with GET /api/v1/connections")
    return vault.open(name.organization_id, row["sealed_secret"]).decode()


async def find_installation(database: Database, installation_id: int, host: str) -> Installation | None:
    """The connection of an App installation, in whichever organization it is."""
    async with database.operator() as connection:
        row = await connection.fetchrow(_FIND_INSTALLATION, installation_id, host)
    if row is None:
        return None
    return Installation(ConnectionName(row["organization_id"], row["connection_id"]), row["state"] != DELETED)


async def find_installation_of(database: Database, app: SigningApp, installation_id: int) -> Installation | None:
    """The connection of an installation of a registered App; None before it was connected."""
    organization_id = app.organization_id
    async with database.organization(organization_id) as tenant:
        row = await tenant.fetchrow(_FIND_OF_APP, app.registration_id, installation_id)
    if row is None:
        return None
    return Installation(ConnectionName(organization_id, row["connection_id"]), row["state"] != DELETED)


async def connect_installation_of(database: Database, app: SigningApp, installation_id: int) -> Installation | None:
    """Connect an installation of a registered App met for the first time: it belongs to the App's organization."""
    async with database.organization(app.organization_id) as tenant:
        await connect_installation(tenant, app.registration_id, installation_id)
    return await find_installation_of(database, app, installation_id)


async def adopt_installation(database: Database, installation_id: int, host: str) -> Installation | None:
    """Connect an installation met for the first time, where the instance has one organization that it can belong to."""
    async with database.operator() as connection:
        organization_id: int | None = await connection.fetchval(_ONLY_ORGANIZATION)
    if organization_id is None:
        return None
    connection_id: UUID = uuid4()
    async with database.organization(organization_id) as tenant:
        await tenant.execute(_ADOPT, connection_id, host, installation_id)
    return await find_installation(database, installation_id, host)
