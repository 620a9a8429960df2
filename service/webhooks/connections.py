"""Connections of webhook endpoints: look-ups, and first contact of App installations."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg

from schema.database import Database
from schema.encryption import Vault
from schema.errors import NotFoundError
from service.connections.names import ConnectionName
from service.webhooks.apps import SigningApp

DELETED = "deleted"

_FIND = """
    SELECT sealed_secret, state FROM connection
    WHERE organization_id = $1 AND connection_id = $2 AND forge = $3
"""

_FIND_INSTALLATION = "SELECT organization_id, connection_id, state FROM find_installation($1, $2)"

_FIND_OF_APP = """
    SELECT connection_id, state FROM connection
    WHERE organization_id = $1 AND registration_id = $2 AND installation_id = $3
"""

_ONLY_ORGANIZATION = "SELECT organization_id FROM only_organization()"

# A concurrent delivery may insert the same connection; the first row counts.
_ADOPT = """
    INSERT INTO connection (organization_id, connection_id, forge, host, installation_id)
    VALUES ($1, $2, 'github', $3, $4)
    ON CONFLICT DO NOTHING
"""


_CONNECT = """
    INSERT INTO connection (organization_id, connection_id, forge, host, base_url, installation_id, registration_id)
    SELECT $1, $2, 'github', host, base_url, $4, registration_id
    FROM github_app WHERE organization_id = $1 AND registration_id = $3 AND state = 'registered'
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Installation:
    """The connection of a GitHub App installation; it is closed when the App is uninstalled."""

    name: ConnectionName
    is_open: bool


async def find_secret(database: Database, vault: Vault, name: ConnectionName, forge: str) -> str:
    """Return the secret of a connection without an App; raises NotFoundError if it is unknown or deleted."""
    async with database.organization(name.organization_id) as tenant:
        row: asyncpg.Record | None = await tenant.fetchrow(_FIND, name.connection_id, forge)
    if row is None or row["state"] == DELETED or row["sealed_secret"] is None:
        raise NotFoundError("no connection has this id; list them with GET /api/v1/connections")
    return vault.open(name.organization_id, row["sealed_secret"]).decode()


async def find_installation(database: Database, installation_id: int, host: str) -> Installation | None:
    """Find the connection of an installation of the operator's App, in any organization."""
    rows = await database.look_up(_FIND_INSTALLATION, installation_id, host)
    if not rows:
        return None
    (row,) = rows
    return Installation(ConnectionName(row["organization_id"], row["connection_id"]), row["state"] != DELETED)


async def find_installation_of(database: Database, app: SigningApp, installation_id: int) -> Installation | None:
    """Find the connection of an installation of a registered App; None if it is not connected yet."""
    organization_id = app.organization_id
    async with database.organization(organization_id) as tenant:
        row = await tenant.fetchrow(_FIND_OF_APP, app.registration_id, installation_id)
    if row is None:
        return None
    return Installation(ConnectionName(organization_id, row["connection_id"]), row["state"] != DELETED)


async def connect_installation_of(database: Database, app: SigningApp, installation_id: int) -> Installation | None:
    """Connect a new installation of a registered App to the App's organization."""
    async with database.organization(app.organization_id) as tenant:
        await tenant.execute(_CONNECT, uuid4(), app.registration_id, installation_id)
    return await find_installation_of(database, app, installation_id)


async def adopt_installation(database: Database, installation_id: int, host: str) -> Installation | None:
    """Connect a new installation of the operator's App; None unless the instance has exactly one organization."""
    ((organization_id,),) = await database.look_up(_ONLY_ORGANIZATION)
    if organization_id is None:
        return None
    connection_id: UUID = uuid4()
    async with database.organization(organization_id) as tenant:
        await tenant.execute(_ADOPT, connection_id, host, installation_id)
    return await find_installation(database, installation_id, host)
