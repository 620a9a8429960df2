"""/api/v1/members: people who signed in through an identity provider, as keyed hashes."""

from collections.abc import Mapping
from typing import Annotated, Any

from litestar import delete, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from schema.database import Database, Tenant
from schema.errors import BadInputError, NotFoundError
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, read_cursor
from service.auth.caller import Caller
from service.auth.grants import require_grant
from service.auth.guards import requires
from service.auth.members.store import list_members, member_bytes, member_text, remove_member, set_role
from service.auth.roles import Role
from service.auth.sessions.store import end_sessions_of_members
from service.auth.visible_team import require_whole_organization
from service.contracts.access.members import MemberIn, MemberList, MemberShown
from service.queries.teams.teams import find_team

MemberId = Annotated[str, PathParameter(description="Id of a member")]


@get("/api/v1/members", guards=[requires("audit")], summary="List members", tags=["access"])
async def show_members(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> MemberList:
    """List people who signed in through an identity provider, never by name, and their roles."""
    require_whole_organization(caller)
    after = read_cursor(cursor, tuple[bytes])
    async with database.organization(caller.organization_id) as tenant:
        rows = await list_members(tenant, after=after[0] if after else None, limit=limit + 1)
    page, next_cursor = cut(rows, limit, lambda row: (row["member"],))
    return MemberList(items=[_shown(row) for row in page], next_cursor=next_cursor)


@put("/api/v1/members/{member_id:str}", guards=[requires("admin")], summary="Set a member's role", tags=["access"])
async def set_member(
    member_id: MemberId,
    data: JSONBody[MemberIn],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> MemberShown:
    """Set the role of a member, whatever the rules say, or let the rules decide again. The member is signed out."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        return await change_member(tenant, member_id, data, caller.role)


async def change_member(tenant: Tenant, member_id: str, data: MemberIn, held: Role | None) -> MemberShown:
    """Set the role of a member and sign them out, for somebody who holds a role.

    Raises BadInputError, NotFoundError, and ForbiddenError for a role above it.
    """
    require_grant(held, data.role, "role")
    if data.role is None and data.team is not None:
        raise BadInputError("needs a role; set role, or leave out team", field="team")
    member = member_bytes(member_id)
    await _require_reach(tenant, held, member)
    team_id = await find_team(tenant, data.team) if data.team else None
    is_known = await set_role(tenant, member, Role(data.role) if data.role else None, team_id)
    await end_sessions_of_members(tenant, member)
    _require(is_known=is_known)
    (row,) = await list_members(tenant, member=member)
    return _shown(row)


@delete("/api/v1/members/{member_id:str}", guards=[requires("admin")], summary="Remove a member", tags=["access"])
async def drop_member(
    member_id: MemberId, caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> None:
    """Sign a member out and let them sign in no more, whatever the rules say."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        await shut_out(tenant, member_id, caller.role)


async def shut_out(tenant: Tenant, member_id: str, held: Role | None) -> None:
    """Sign a member out for good, for somebody who holds a role.

    Raises BadInputError, NotFoundError, and ForbiddenError for a member above it.
    """
    member = member_bytes(member_id)
    await _require_reach(tenant, held, member)
    is_known = await remove_member(tenant, member)
    await end_sessions_of_members(tenant, member)
    _require(is_known=is_known)


async def _require_reach(tenant: Tenant, held: Role | None, member: bytes) -> None:
    for row in await list_members(tenant, member=member):
        require_grant(held, row["role"])


def _require(*, is_known: bool) -> None:
    if not is_known:
        raise NotFoundError("must be an existing member; list them with GET /api/v1/members", field="member_id")


def _shown(row: Mapping[str, Any]) -> MemberShown:
    names = ("provider", "role", "team", "is_fixed", "created_at", "signed_in_at", "removed_at")
    return MemberShown(id=member_text(row["member"]), **{name: row[name] for name in names})


ROUTES = [show_members, set_member, drop_member]
