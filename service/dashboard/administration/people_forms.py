"""Forms about people: roles of members, and rules by which they sign in."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from schema.database import Database, Tenant
from service.api.access.members import change_member, shut_out
from service.api.access.sign_in_rules import remove_rule, save_described_rule
from service.auth.members.rules import list_rules
from service.auth.members.store import list_members, member_bytes
from service.auth.roles import Role
from service.auth.viewer import Viewer, require_viewer
from service.connections.names import LARGEST_ID
from service.contracts.access.members import MemberIn, SignInRuleIn
from service.dashboard.administration.forms import done, require_grant
from service.dashboard.administration.reading import MOST
from service.dashboard.shell.forms import convert_fields, read_fields
from service.dashboard.shell.opening import PageRequest


@post("/administration/members/{member_id:str}/role", summary="Set a member's role", status_code=303)
async def set_member_role(
    request: PageRequest, member_id: FromPath[str], database: NamedDependency[Database]
) -> Redirect:
    """Set a role, or without one let the rules decide; the member is signed out."""
    viewer = require_viewer(request, Role.ADMIN)
    data = convert_fields({"role": None, **await read_fields(request)}, MemberIn)
    require_grant(viewer, data.role)
    async with database.organization(viewer.organization_id) as tenant:
        await _require_reach(tenant, viewer, member_id)
        await change_member(tenant, member_id, data)
    return done("member-changed", "people")


@post("/administration/members/{member_id:str}/remove", summary="Remove a member", status_code=303)
async def remove_member(
    request: PageRequest, member_id: FromPath[str], database: NamedDependency[Database]
) -> Redirect:
    """Sign a member out for good."""
    viewer = require_viewer(request, Role.ADMIN)
    async with database.organization(viewer.organization_id) as tenant:
        await _require_reach(tenant, viewer, member_id)
        await shut_out(tenant, member_id)
    return done("member-removed", "people")


@post("/administration/sign-in-rules", summary="Set a sign-in rule", status_code=303)
async def set_rule(request: PageRequest, database: NamedDependency[Database]) -> Redirect:
    """Let the people of a group or domain sign in; all members are signed out."""
    viewer = require_viewer(request, Role.ADMIN)
    data = convert_fields(await read_fields(request), SignInRuleIn)
    require_grant(viewer, data.role)
    async with database.organization(viewer.organization_id) as tenant:
        for row in await list_rules(tenant, limit=MOST):
            if (row["provider"], row["kind"], row["value"]) == (data.provider.value, data.kind.value, data.value):
                require_grant(viewer, row["role"])
        await save_described_rule(tenant, data)
    return done("rule-set", "sign-in-rules")


@post("/administration/sign-in-rules/{rule_id:int}/delete", summary="Delete a sign-in rule", status_code=303)
async def delete_sign_in_rule(
    request: PageRequest, rule_id: FromPath[int], database: NamedDependency[Database]
) -> Redirect:
    """Delete a rule; all members are signed out."""
    viewer = require_viewer(request, Role.ADMIN)
    async with database.organization(viewer.organization_id) as tenant:
        if 0 < rule_id <= LARGEST_ID:
            for row in await list_rules(tenant, rule_id=rule_id):
                require_grant(viewer, row["role"])
        await remove_rule(tenant, rule_id)
    return done("rule-deleted", "sign-in-rules")


async def _require_reach(tenant: Tenant, viewer: Viewer, member_id: str) -> None:
    for row in await list_members(tenant, member=member_bytes(member_id)):
        require_grant(viewer, row["role"])


ROUTES = [set_member_role, remove_member, set_rule, delete_sign_in_rule]
