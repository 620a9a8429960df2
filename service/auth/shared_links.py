"""Shared links: read-only, to one view, until they expire or are revoked. Only the digest of a token is stored."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from key_services.configured import ring_of
from schema.database import Tenant
from schema.encryption import Vault
from schema.settings import Settings
from service.auth.key_text import key_digest
from service.auth.tokens import make_token

SHARED_LIFETIME = timedelta(days=7)
LONGEST_SHARED_LIFETIME = timedelta(days=366)

_INSERT = """
    INSERT INTO shared_link (organization_id, link_id, digest, sealed_view, team_id, created_by, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, now() + $7::interval)
"""

_LIST = """
    SELECT link.link_id, link.sealed_view, team.name AS team, link.created_by, link.created_at, link.expires_at,
           link.revoked_at, link.times_opened, link.opened_at
    FROM shared_link AS link
    LEFT JOIN team ON team.organization_id = $1 AND team.team_id = link.team_id
    WHERE link.organization_id = $1
      AND ($2::uuid IS NULL OR link.link_id = $2)
      AND ($3::uuid IS NULL OR link.link_id > $3)
    ORDER BY link.link_id
    LIMIT $4
"""

# A second revocation keeps the first time.
_REVOKE = """
    UPDATE shared_link SET revoked_at = least(revoked_at, now())
    WHERE organization_id = $1 AND link_id = $2
    RETURNING link_id
"""

_OPEN = """
    UPDATE shared_link SET times_opened = times_opened + 1, opened_at = now()
    WHERE organization_id = $1 AND digest = $2 AND revoked_at IS NULL AND expires_at > now()
    RETURNING link_id, sealed_view, team_id, expires_at
"""

_FIND = """
    SELECT link_id, sealed_view, team_id FROM shared_link
    WHERE organization_id = $1 AND digest = $2 AND revoked_at IS NULL AND expires_at > now()
"""


def view_vault(settings: Settings) -> Vault:
    """Return the vault of shared views, which may name a repository."""
    return Vault(ring_of(settings), "shared-view")


async def create_shared_link(
    tenant: Tenant, *, sealed_view: bytes, team_id: int | None, created_by: str, lifetime: timedelta
) -> tuple[UUID, str]:
    """Store a link; returns its id and its token, which is shown once."""
    link_id, token = uuid4(), make_token(tenant.organization_id)
    await tenant.execute(_INSERT, link_id, key_digest(token), sealed_view, team_id, created_by, lifetime)
    return link_id, token


async def list_shared_links(
    tenant: Tenant, *, link_id: UUID | None = None, after: UUID | None = None, limit: int = 100
) -> list[asyncpg.Record]:
    """List links ordered by id, including revoked and expired ones, with the columns of `_LIST`."""
    rows: list[asyncpg.Record] = await tenant.fetch(_LIST, link_id, after, limit)
    return rows


async def revoke_shared_link(tenant: Tenant, link_id: UUID) -> bool:
    """Revoke a link; returns False if the organization has no such link."""
    return await tenant.fetchval(_REVOKE, link_id) is not None


async def open_shared_link(tenant: Tenant, token: str) -> Any:
    """Count that a link was opened; returns link_id, sealed_view, team_id and expires_at, None if it is not valid."""
    return await tenant.fetchrow(_OPEN, key_digest(token))


async def find_shared_link(tenant: Tenant, token: str) -> Any:
    """Return link_id, sealed_view and team_id of a valid link without counting it as opened, None if it is not."""
    return await tenant.fetchrow(_FIND, key_digest(token))
