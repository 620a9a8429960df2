"""Organizations without an API key: made, found, and the database opened for one command."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from schema.database import Connection, Database
from schema.encryption import Vault
from schema.errors import BadInputError, SetUpError, UnavailableError
from schema.keys.configured import ring_of
from schema.organization_keys import organization_vault
from schema.settings import Settings
from service.audit.store import OPERATOR, record_act
from service.telemetry.reading.labels import team_label

FIRST_ORGANIZATION = "default"
DEFAULT_TEAM = "default"
ORGANIZATION_KEY_BYTES = 32


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Open the database; raises SetUpError with the remedy if it is not set up."""
    database = Database(settings.database_url, pool_size=1)
    await database.open()
    try:
        yield database
    except UnavailableError as error:
        raise SetUpError(error.remedy) from error
    finally:
        await database.close()


async def find_organization(database: Database, wanted: int | None) -> int | None:
    """Return `wanted` or the only organization; None before the first one is created.

    Raises SetUpError if `wanted` is unknown, or if it is None and there are several organizations.
    """
    async with database.operator() as connection:
        rows = await connection.fetch("SELECT organization_id FROM organization ORDER BY organization_id")
    found = [row["organization_id"] for row in rows]
    if wanted is not None and wanted not in found:
        raise SetUpError(
            f"there is no organization {wanted}; organizations: {', '.join(map(str, found)) or 'none yet'}"
        )
    if wanted is None and len(found) > 1:
        raise SetUpError(
            f"there are several organizations; choose one with --organization: {', '.join(map(str, found))}"
        )
    return wanted or next(iter(found), None)


async def find_or_create_organization(database: Database, settings: Settings, wanted: int | None) -> int:
    """Return `wanted` or the only organization; create the first one.

    Raises SetUpError as `find_organization` does, and if a new organization needs the missing master secret.
    """
    organization_id = await find_organization(database, wanted)
    if organization_id is None:
        vault = organization_vault(ring_of(settings))
        async with database.operator() as connection:
            organization_id = await create_organization(connection, vault, FIRST_ORGANIZATION)
    return organization_id


async def create_organization(connection: Connection, vault: Vault, name: str) -> int:
    """Create an organization with its own key and a default team; returns its id. Needs an operator transaction."""
    organization_id: int = await connection.fetchval(
        "INSERT INTO organization (name, sealed_key) VALUES ($1, '') RETURNING organization_id", name
    )
    await connection.execute(
        "UPDATE organization SET sealed_key = $2 WHERE organization_id = $1",
        organization_id,
        vault.seal(organization_id, os.urandom(ORGANIZATION_KEY_BYTES)),
    )
    await connection.execute(
        "INSERT INTO team (organization_id, name, is_default) VALUES ($1, $2, true)", organization_id, DEFAULT_TEAM
    )
    return organization_id


async def add_organization(settings: Settings, name: str) -> int:
    """Create another organization; returns its id. Raises BadInputError for an invalid name."""
    label = team_label(name)
    if label is None:
        raise BadInputError("must be a name of at most 100 characters, not a mail address", field="NAME")
    async with opened(settings) as database:
        vault = organization_vault(ring_of(settings))
        async with database.operator() as connection:
            organization_id = await create_organization(connection, vault, label)
        async with database.organization(organization_id) as tenant:
            await record_act(tenant, OPERATOR, "shipledger organization create", str(organization_id))
    return organization_id


async def list_organizations(settings: Settings) -> list[dict[str, Any]]:
    """List organizations: id, name, created_at as RFC 3339 text, and whether an erasure of it was interrupted."""
    async with opened(settings) as database, database.operator() as connection:
        rows = await connection.fetch(
            "SELECT organization_id, name, created_at, sealed_key = '' AS is_being_erased FROM organization"
            " ORDER BY organization_id"
        )
    return [
        {
            "id": row["organization_id"],
            "name": row["name"],
            "created_at": row["created_at"].isoformat(timespec="seconds"),
            "is_being_erased": row["is_being_erased"],
        }
        for row in rows
    ]
