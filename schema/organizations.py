"""Making an organization, and getting at the key its hashes are made with."""

import os

import asyncpg

from schema.database import Connection, Database
from schema.encryption import Vault
from schema.errors import NotFoundError
from schema.identifiers import Hasher

DEFAULT_TEAM = "default"
ORGANIZATION_KEY_BYTES = 32


def organization_vault(master_secret: str) -> Vault:
    """The vault that organization keys are sealed in."""
    return Vault(master_secret, "organization-key")


async def create_organization(connection: Connection, vault: Vault, name: str) -> int:
    """Make an organization with a key of its own and a default team; returns its id. Needs an operator transaction."""
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


class OrganizationKeys:
    """Each organization's hasher, unsealed once and then kept in memory; keys never change."""

    def __init__(self, database: Database, master_secret: str) -> None:
        self._database = database
        self._vault = organization_vault(master_secret)
        self._hashers: dict[int, Hasher] = {}

    async def hasher(self, organization_id: int) -> Hasher:
        """The organization's hasher.

        Raises NotFoundError for an unknown organization, SetUpError when the master secret is another one, and
        UnavailableError when PostgreSQL is away.
        """
        if organization_id not in self._hashers:
            async with self._database.organization(organization_id) as tenant:
                row: asyncpg.Record | None = await tenant.fetchrow(
                    "SELECT sealed_key FROM organization WHERE organization_id = $1"
                )
            if row is None:
                raise NotFoundError(
                    "no such organization; run a command without --organization to list them", field="organization_id"
                )
            self._hashers[organization_id] = Hasher(self._vault.open(organization_id, row["sealed_key"]))
        return self._hashers[organization_id]
