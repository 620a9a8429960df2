"""One-time sign-in links. The token contains the organization id; only its digest is stored."""

import re
import secrets
from datetime import timedelta

from schema.database import Tenant
from service.auth.key_text import key_digest

LINK_LIFETIME = timedelta(hours=24)
TOKEN_BYTES = 32

_TOKEN = re.compile(r"([1-9][0-9]{0,17})-[A-Za-z0-9_-]{43}")

STORE_LINK = """
    INSERT INTO sign_in_link (organization_id, digest, expires_at)
    VALUES ($1, $2, now() + $3::interval)
"""

# One statement, so that only one of two concurrent requests with the same token succeeds.
USE_LINK = """
    UPDATE sign_in_link
    SET used_at = now()
    WHERE organization_id = $1 AND digest = $2 AND used_at IS NULL AND expires_at > now()
    RETURNING digest
"""


async def create_sign_in_link(tenant: Tenant) -> str:
    """Store a link and return its token, `{organization_id}-{43 URL-safe characters}`, valid once, within 24 hours."""
    token = f"{tenant.organization_id}-{secrets.token_urlsafe(TOKEN_BYTES)}"
    await tenant.execute(STORE_LINK, key_digest(token), LINK_LIFETIME)
    return token


def token_organization(token: str) -> int | None:
    """Return the organization id in a token, or None if the token is invalid."""
    match = _TOKEN.fullmatch(token)
    return int(match[1]) if match else None


async def redeem(tenant: Tenant, token: str) -> bool:
    """Use a token; returns False if it is unknown, used, expired or belongs to another organization."""
    used = await tenant.fetchval(USE_LINK, key_digest(token))
    return used is not None
