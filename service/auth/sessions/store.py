"""Rows of sessions. Only the digest of a session's token is stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from schema.database import Tenant
from service.auth.key_text import key_digest
from service.auth.roles import Role
from service.auth.tokens import make_token

_START = """
    INSERT INTO dashboard_session
        (organization_id, digest, role, team_id, actor, member, shared_link_id, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, least(now() + $8::interval, $9::timestamptz))
"""

_FIND = """
    SELECT session.role, session.team_id, session.actor, link.sealed_view,
           session.seen_at < now() - $4::interval AS is_unseen
    FROM dashboard_session AS session
    LEFT JOIN shared_link AS link ON link.organization_id = $1 AND link.link_id = session.shared_link_id
    WHERE session.organization_id = $1 AND session.digest = $2
      AND session.expires_at > now() AND session.seen_at > now() - $3::interval
      AND (session.shared_link_id IS NULL OR link.revoked_at IS NULL)
"""

_SEE = "UPDATE dashboard_session SET seen_at = now() WHERE organization_id = $1 AND digest = $2"

_END = "DELETE FROM dashboard_session WHERE organization_id = $1 AND digest = $2"

_END_OF_MEMBER = """
    DELETE FROM dashboard_session
    WHERE organization_id = $1 AND member IS NOT NULL AND ($2::bytea IS NULL OR member = $2)
"""

_END_OF_LINK = "DELETE FROM dashboard_session WHERE organization_id = $1 AND shared_link_id = $2"

# A view is not a write: the time of the last one is stored this often.
SEEN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewSession:
    """Who signs in: role and team, the name in the audit log, and the member or shared link that it depends on."""

    role: Role
    actor: str
    team_id: int | None = None
    member: bytes | None = None
    shared_link_id: UUID | None = None
    until: datetime | None = None


async def start_session(tenant: Tenant, new: NewSession, lifetime: timedelta) -> str:
    """Store a session and return its token, which is not stored."""
    token = make_token(tenant.organization_id)
    await tenant.execute(
        _START,
        key_digest(token),
        new.role.value,
        new.team_id,
        new.actor,
        new.member,
        new.shared_link_id,
        lifetime,
        new.until,
    )
    return token


async def find_session(tenant: Tenant, token: str, idle: timedelta) -> Any:
    """Return role, team_id, actor and sealed_view of a session that has not ended; None otherwise."""
    digest = key_digest(token)
    row = await tenant.fetchrow(_FIND, digest, idle, SEEN_AFTER)
    if row is not None and row["is_unseen"]:
        await tenant.execute(_SEE, digest)
    return row


async def end_session(tenant: Tenant, token: str) -> None:
    """End a session."""
    await tenant.execute(_END, key_digest(token))


async def end_sessions_of_members(tenant: Tenant, member: bytes | None = None) -> None:
    """End the sessions of one member, by default of all members."""
    await tenant.execute(_END_OF_MEMBER, member)


async def end_sessions_of_link(tenant: Tenant, link_id: UUID) -> None:
    """End the sessions of a shared link."""
    await tenant.execute(_END_OF_LINK, link_id)
