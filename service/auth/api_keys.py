"""Creating, listing and revoking API keys."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from schema.database import Tenant
from service.auth.key_text import Scope, key_digest, make_key

_INSERT = """
    INSERT INTO api_key (organization_id, key_id, name, digest, scopes, team_id, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

_LIST = """
    SELECT api_key.key_id, api_key.name, api_key.scopes, team.name AS team, api_key.created_at, api_key.revoked_at,
           api_key.expires_at, api_key.last_used_at
    FROM api_key
    LEFT JOIN team ON team.organization_id = $1 AND team.team_id = api_key.team_id
    WHERE api_key.organization_id = $1
      AND ($2::uuid IS NULL OR api_key.key_id = $2)
      AND ($3::uuid IS NULL OR api_key.key_id > $3)
    ORDER BY api_key.key_id
    LIMIT $4
"""

# A second revocation keeps the first time and still returns the digest.
_REVOKE = """
    UPDATE api_key SET revoked_at = coalesce(revoked_at, now())
    WHERE organization_id = $1 AND key_id = $2
    RETURNING digest
"""


async def create_key(
    tenant: Tenant,
    *,
    name: str,
    scopes: Iterable[Scope],
    team_id: int | None = None,
    expires_at: datetime | None = None,
) -> tuple[UUID, str]:
    """Create a key; returns its id and its text, which is shown once and never stored."""
    key_id, text = uuid4(), make_key(tenant.organization_id)
    values = sorted(scope.value for scope in scopes)
    await tenant.execute(_INSERT, key_id, name, key_digest(text), values, team_id, expires_at)
    return key_id, text


async def list_keys(
    tenant: Tenant, *, key_id: UUID | None = None, after: UUID | None = None, limit: int = 100
) -> list[asyncpg.Record]:
    """List keys ordered by id, including revoked ones, with the columns of `_LIST`."""
    rows: list[asyncpg.Record] = await tenant.fetch(_LIST, key_id, after, limit)
    return rows


async def revoke_key(tenant: Tenant, key_id: UUID) -> bytes | None:
    """Revoke a key; returns its digest, or None if the organization has no such key."""
    digest: bytes | None = await tenant.fetchval(_REVOKE, key_id)
    return digest
