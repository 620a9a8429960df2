"""An organization for tests, created as the product creates one."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass

from schema.database import Database
from schema.identifiers import Hasher
from schema.key_ring import KeyRing
from schema.organization_keys import OrganizationKeys, organization_vault
from service.administration.organizations import create_organization


@dataclass(frozen=True)
class Organization:
    """An organization's id, an API key of an owner, its hasher, and its default team."""

    organization_id: int
    key: str
    hasher: Hasher
    default_team_id: int

    @property
    def headers(self) -> dict[str, str]:
        """Return request headers with the key."""
        return {"Authorization": f"Bearer {self.key}"}


async def make_organization(database: Database, master_secret: str, name: str = "example") -> Organization:
    """Create an organization, and an API key with every scope."""
    organization_id = await create_organization(database, organization_vault(KeyRing.of(master_secret)), name)
    key = f"sl1_{organization_id}_{secrets.token_urlsafe(32)}"
    async with database.organization(organization_id) as tenant:
        await tenant.execute(
            "INSERT INTO api_key (organization_id, key_id, name, digest, scopes) VALUES ($1, $2, $3, $4, $5)",
            uuid.uuid4(),
            "test",
            hashlib.sha256(key.encode()).digest(),
            ["intake", "owner", "read"],
        )
        default_team_id = await tenant.fetchval("SELECT team_id FROM team WHERE organization_id = $1 AND is_default")
    hasher = await OrganizationKeys(database, KeyRing.of(master_secret)).hasher(organization_id)
    return Organization(organization_id, key, hasher, default_team_id)
