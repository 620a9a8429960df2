"""One-time sign-in links. The token contains the organization id; only its digest is stored."""

from datetime import timedelta
from typing import NamedTuple

from schema.database import Tenant
from service.auth.key_text import key_digest
from service.auth.roles import Role
from service.auth.tokens import make_token

LINK_LIFETIME = timedelta(hours=24)
LONGEST_LINK_LIFETIME = timedelta(days=7)

STORE_LINK = """
    INSERT INTO sign_in_link (organization_id, digest, role, team_id, expires_at)
    VALUES ($1, $2, $3, $4, now() + $5::interval)
"""

# One statement, so that only one of two concurrent requests with the same token succeeds.
USE_LINK = """
    UPDATE sign_in_link
    SET used_at = now()
    WHERE organization_id = $1 AND digest = $2 AND used_at IS NULL AND expires_at > now()
    RETURNING role, team_id
"""


class Grant(NamedTuple):
    """What a link gives: a role, in one team if it is limited to one."""

    role: Role
    team_id: int | None


def sign_in_url(base: str, token: str) -> str:
    """Return the address that signs a browser in."""
    return f"{base.rstrip('/')}/sign-in/{token}"


async def create_sign_in_link(
    tenant: Tenant, role: Role = Role.OWNER, team_id: int | None = None, lifetime: timedelta = LINK_LIFETIME
) -> str:
    """Store a link and return its token, `{organization_id}-{43 URL-safe characters}`, which is valid once."""
    token = make_token(tenant.organization_id)
    await tenant.execute(STORE_LINK, key_digest(token), role.value, team_id, lifetime)
    return token


async def redeem(tenant: Tenant, token: str) -> Grant | None:
    """Use a token; returns None if it is unknown, used, expired or belongs to another organization."""
    used = await tenant.fetchrow(USE_LINK, key_digest(token))
    return None if used is None else Grant(Role(used["role"]), used["team_id"])
