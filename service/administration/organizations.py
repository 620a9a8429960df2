"""Organizations without an API key: made, found, and the database opened for one command."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from key_services.configured import ring_of
from schema.database import Database
from schema.encryption import Vault
from schema.errors import BadInputError, SetUpError, UnavailableError
from schema.organization_keys import organization_vault
from schema.settings import Settings
from service.audit.store import OPERATOR, record_act
from service.telemetry.reading.labels import team_label

FIRST_ORGANIZATION = "default"
DEFAULT_TEAM = "default"
ORGANIZATION_KEY_BYTES = 32
LARGEST_ID = 2**63 - 1

NOT_THE_OWNER = "only the owner of the tables may list organizations; set SHIPLEDGER_OWNER_DATABASE_URL to its URL"

_NEXT_ID = "SELECT nextval(pg_get_serial_sequence('organization', 'organization_id'))"
_IS_OWNER = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'organization'::regclass"


@asynccontextmanager
async def opened(settings: Settings, *, as_owner: bool = False) -> AsyncIterator[Database]:
    """Open the database; raises SetUpError with the remedy if it is not set up."""
    url = settings.owner_url if as_owner else settings.database_url
    database = Database(url, pool_size=1, is_pooled=settings.transaction_pooling)
    await database.open()
    try:
        yield database
    except UnavailableError as error:
        raise SetUpError(error.remedy) from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise SetUpError(
            "the role in DATABASE_URL has no rights on the tables; set it to the role of the service, and run:"
            " shipledger migrate"
        ) from error
    finally:
        await database.close()


async def find_organization(database: Database, wanted: int | None) -> int | None:
    """Return `wanted` or the only organization; None before the first one is created.

    Raises SetUpError if `wanted` does not exist, or if it is None and there are several organizations.
    """
    if wanted is not None:
        if not await _exists(database, wanted):
            raise SetUpError(
                f"the organization {wanted} does not exist; list organizations with: shipledger organization list"
            )
        return wanted
    (row,) = await database.look_up("SELECT organizations, organization_id FROM only_organization()")
    if row["organizations"] > 1:
        raise SetUpError(
            "there are several organizations; choose one with --organization, and list them with:"
            " shipledger organization list"
        )
    organization_id: int | None = row["organization_id"]
    return organization_id


async def find_all_organizations(database: Database) -> list[int]:
    """Return every organization. Raises SetUpError if there are several and the database is not opened as its owner."""
    async with database.operator() as connection:
        if await connection.fetchval(_IS_OWNER):
            rows = await connection.fetch("SELECT organization_id FROM organization ORDER BY organization_id")
            return [row["organization_id"] for row in rows]
        row = await connection.fetchrow("SELECT organizations, organization_id FROM only_organization()")
    if row["organizations"] > 1:
        raise SetUpError(NOT_THE_OWNER)
    return [row["organization_id"]] if row["organizations"] else []


async def _exists(database: Database, organization_id: int) -> bool:
    if not 0 < organization_id <= LARGEST_ID:
        return False
    async with database.organization(organization_id) as tenant:
        return await tenant.fetchval("SELECT 1 FROM organization WHERE organization_id = $1") is not None


async def find_or_create_organization(database: Database, settings: Settings, wanted: int | None) -> int:
    """Return `wanted` or the only organization; create the first one.

    Raises SetUpError as `find_organization` does, and if a new organization needs the missing master secret.
    """
    organization_id = await find_organization(database, wanted)
    if organization_id is None:
        vault = organization_vault(ring_of(settings))
        organization_id = await create_organization(database, vault, FIRST_ORGANIZATION)
    return organization_id


async def create_organization(database: Database, vault: Vault, name: str) -> int:
    """Create an organization with its own key and a default team; returns its id."""
    async with database.nobody() as connection:
        organization_id: int = await connection.fetchval(_NEXT_ID)
    sealed_key = vault.seal(organization_id, os.urandom(ORGANIZATION_KEY_BYTES))
    async with database.organization(organization_id) as tenant:
        await tenant.execute(
            "INSERT INTO organization (organization_id, name, sealed_key) VALUES ($1, $2, $3)", name, sealed_key
        )
        await tenant.execute("INSERT INTO team (organization_id, name, is_default) VALUES ($1, $2, true)", DEFAULT_TEAM)
    return organization_id


async def add_organization(settings: Settings, name: str) -> int:
    """Create another organization; returns its id. Raises BadInputError for an invalid name."""
    label = team_label(name)
    if label is None:
        raise BadInputError("must be a name of at most 100 characters, not a mail address", field="NAME")
    async with opened(settings) as database:
        vault = organization_vault(ring_of(settings))
        organization_id = await create_organization(database, vault, label)
        async with database.organization(organization_id) as tenant:
            await record_act(tenant, OPERATOR, "shipledger organization create", str(organization_id))
    return organization_id


async def list_organizations(settings: Settings) -> list[dict[str, Any]]:
    """List organizations: id, name, created_at as RFC 3339 text, and whether an erasure of it was interrupted.

    Raises SetUpError unless the owner's role is known.
    """
    async with opened(settings, as_owner=True) as database, database.operator() as connection:
        if not await connection.fetchval(_IS_OWNER):
            raise SetUpError(NOT_THE_OWNER)
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
