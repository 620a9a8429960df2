"""Rows of members."""

import re
from typing import Any

import asyncpg

from schema.database import Tenant
from schema.errors import BadInputError
from service.auth.roles import Role

PREFIX = "m1_"

# A fixed role stays; a removed member stays removed.
_SIGN_IN = """
    INSERT INTO member (organization_id, member, provider, role, team_id) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (organization_id, member) DO UPDATE
    SET role = CASE WHEN member.is_fixed THEN member.role ELSE excluded.role END,
        team_id = CASE WHEN member.is_fixed THEN member.team_id ELSE excluded.team_id END,
        signed_in_at = excluded.signed_in_at
    RETURNING role, team_id, removed_at
"""

_LIST = """
    SELECT member.member, member.provider, member.role, team.name AS team, member.is_fixed, member.created_at,
           member.signed_in_at, member.removed_at
    FROM member
    LEFT JOIN team ON team.organization_id = $1 AND team.team_id = member.team_id
    WHERE member.organization_id = $1
      AND ($2::bytea IS NULL OR member.member = $2)
      AND ($3::bytea IS NULL OR member.member > $3)
    ORDER BY member.member
    LIMIT $4
"""

_SET_ROLE = """
    UPDATE member SET role = $3, team_id = $4, is_fixed = true, removed_at = NULL
    WHERE organization_id = $1 AND member = $2
    RETURNING member
"""

_FOLLOW_RULES = """
    UPDATE member SET is_fixed = false, removed_at = NULL
    WHERE organization_id = $1 AND member = $2
    RETURNING member
"""

_REMOVE = """
    UPDATE member SET removed_at = least(removed_at, now())
    WHERE organization_id = $1 AND member = $2
    RETURNING member
"""


def member_text(member: bytes) -> str:
    """Return the text form of a member."""
    return PREFIX + member.hex()


def member_bytes(text: str) -> bytes:
    """Return the stored form of a member; raises BadInputError for other text."""
    if not re.fullmatch(rf"{PREFIX}[0-9a-f]{{64}}", text):
        raise BadInputError("must be a member's id: m1_ and 64 hexadecimal digits", field="member_id")
    return bytes.fromhex(text.removeprefix(PREFIX))


async def sign_member_in(tenant: Tenant, member: bytes, provider: str, role: Role, team_id: int | None) -> Any:
    """Store that a member signs in with what the rules grant; returns role, team_id and removed_at that hold."""
    return await tenant.fetchrow(_SIGN_IN, member, provider, role.value, team_id)


async def list_members(
    tenant: Tenant, *, member: bytes | None = None, after: bytes | None = None, limit: int = 100
) -> list[asyncpg.Record]:
    """List members by hash, including removed ones, with the columns of `_LIST`."""
    rows: list[asyncpg.Record] = await tenant.fetch(_LIST, member, after, limit)
    return rows


async def set_role(tenant: Tenant, member: bytes, role: Role | None, team_id: int | None) -> bool:
    """Fix a member's role, or with None let the rules decide at the next sign-in; returns False if unknown."""
    if role is None:
        return await tenant.fetchval(_FOLLOW_RULES, member) is not None
    return await tenant.fetchval(_SET_ROLE, member, role.value, team_id) is not None


async def remove_member(tenant: Tenant, member: bytes) -> bool:
    """Keep a member from signing in; returns False if the organization has no such member."""
    return await tenant.fetchval(_REMOVE, member) is not None
