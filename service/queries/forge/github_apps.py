"""Registrations of GitHub Apps: start and list them. Workers exchange the codes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from schema.database import Tenant

_ADD = """
INSERT INTO github_app
       (organization_id, registration_id, host, base_url, state_digest, expires_at, sealed_form)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

_BY_STATE = """
SELECT registration_id, host, base_url, state, expires_at <= now() AS is_expired, sealed_form, sealed_credentials,
       failure
  FROM github_app WHERE organization_id = $1 AND state_digest = $2
"""

# One statement, so that only the first of two requests with the same state is accepted.
_ACCEPT = """
UPDATE github_app SET state = 'waiting', sealed_code = $3, sealed_form = NULL, next_attempt_at = now()
 WHERE organization_id = $1 AND state_digest = $2 AND state = 'started' AND expires_at > now()
RETURNING registration_id
"""

_SHOW = """
SELECT registration_id, host, state, expires_at <= now() AS is_expired, app_id, sealed_credentials, failure, created_at,
       registered_at,
       ARRAY(SELECT connection_id FROM connection
              WHERE connection.organization_id = $1 AND connection.registration_id = github_app.registration_id
              ORDER BY created_at) AS connections
  FROM github_app
 WHERE organization_id = $1 AND ($2::uuid IS NULL OR registration_id = $2)
   AND ($3::timestamptz IS NULL OR (created_at, registration_id) < ($3, $4))
 ORDER BY created_at DESC, registration_id DESC LIMIT $5
"""

_CLAIM = """
INSERT INTO installation_claim (organization_id, registration_id, installation_id)
SELECT $1, registration_id, $3 FROM github_app
 WHERE organization_id = $1 AND registration_id = $2 AND state = 'registered'
    ON CONFLICT (organization_id, registration_id, installation_id)
    DO UPDATE SET state = 'waiting', attempts = 0, next_attempt_at = now() WHERE installation_claim.state = 'dead'
"""


async def add_registration(
    tenant: Tenant,
    registration_id: UUID,
    *,
    host: str,
    base_url: str,
    state_digest: bytes,
    expires_at: datetime,
    sealed_form: bytes,
) -> None:
    """Store a new registration."""
    await tenant.execute(_ADD, registration_id, host, base_url, state_digest, expires_at, sealed_form)


async def find_by_state(tenant: Tenant, digest: bytes) -> asyncpg.Record | None:
    """Find the registration of a state."""
    return await tenant.fetchrow(_BY_STATE, digest)


async def accept_code(tenant: Tenant, digest: bytes, sealed_code: bytes) -> bool:
    """Store the code that GitHub sent back, for a worker; False if the state was used before or has expired."""
    return await tenant.fetchval(_ACCEPT, digest, sealed_code) is not None


async def read_registrations(
    tenant: Tenant, *, registration_id: UUID | None = None, after: tuple[datetime, UUID] | None = None, limit: int
) -> list[Mapping[str, Any]]:
    """Return registrations with the connections of their installations, newest first."""
    rows = await tenant.fetch(_SHOW, registration_id, *(after or (None, None)), limit)
    return [dict(row) for row in rows]


async def claim_installation(tenant: Tenant, registration_id: UUID, installation_id: int) -> None:
    """Request a worker to check with GitHub that an installation belongs to the App. Idempotent."""
    await tenant.execute(_CLAIM, registration_id, installation_id)
