"""The hashing key of each organization."""

import asyncpg

from schema.database import Database
from schema.encryption import Vault
from schema.errors import NotFoundError
from schema.identifiers import Hasher
from schema.key_ring import KeyRing


def organization_vault(ring: KeyRing) -> Vault:
    """Return the vault for organization keys."""
    return Vault(ring, "organization-key")


class OrganizationKeys:
    """Cache of hashers, one per organization. Keys never change, so each is unsealed once."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._vault = organization_vault(ring)
        self._hashers: dict[int, Hasher] = {}

    async def hasher(self, organization_id: int) -> Hasher:
        """Return the organization's hasher.

        Raises NotFoundError for an unknown organization, SetUpError if the master secret has changed, and
        UnavailableError if PostgreSQL is unreachable.
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
            if not row["sealed_key"]:
                raise NotFoundError("the organization is being erased", field="organization_id")
            self._hashers[organization_id] = Hasher(self._vault.open(organization_id, row["sealed_key"]))
        return self._hashers[organization_id]
