"""Forms about people: roles of members, and rules by which they sign in."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from schema.database import Database
from service.api.access.members import change_member, shut_out
from service.api.access.sign_in_rules import remove_rule, save_described_rule
from service.auth.roles import Role
from service.auth.viewer import require_viewer
from service.contracts.access.members import MemberIn, SignInRuleIn
from service.dashboard.administration.forms import done
from service.dashboard.shell.forms import convert_fields, read_fields
from service.dashboard.shell.opening import PageRequest


@post("/administration/members/{member_id:str}/role", summary="Set a member's role", status_code=303)
async def set_member_role(
    request: PageRequest, member_id: FromPath[str], database: NamedDependency[Database]
) -> Redirect:
    """Set a role, or without one let the rules decide; the member is signed out."""
    viewer = require_viewer(request, Role.ADMIN)
    data = convert_fields({"role": None, **await read_fields(request)}, MemberIn)
    async with database.organization(viewer.organization_id) as tenant:
        await change_member(tenant, member_id, data, viewer.role)
    return done("member-changed", "people")


@post("/administration/members/{member_id:str}/remove", summary="Remove a member", status_code=303)
async def remove_member(
    request: PageRequest, member_id: FromPath[str], database: NamedDependency[Database]
) -> Redirect:
    """Sign a member out for good."""
    viewer = require_viewer(request, Role.ADMIN)
    async with database.organization(viewer.organization_id) as tenant:
        await shut_out(tenant, member_id, viewer.role)
    return done("member-removed", "people")


@post("/administration/sign-in-rules", summary="Set a sign-in rule", status_code=303)
async def set_rule(request: PageRequest, database: NamedDependency[Database]) -> Redirect:
    """Let the people of a group or domain sign in; all members are signed out."""
    viewer = require_viewer(request, Role.ADMIN)
    data = convert_fields(await read_fields(request), SignInRuleIn)
    async with database.organization(viewer.organization_id) as tenant:
        await save_described_rule(tenant, data, viewer.role)
    return done("rule-set", "sign-in-rules")


@post("/administration/sign-in-rules/{rule_id:int}/delete", summary="Delete a sign-in rule", status_code=303)
async def delete_sign_in_rule(
    request: PageRequest, rule_id: FromPath[int], database: NamedDependency[Database]
) -> Redirect:
    """Delete a rule; all members are signed out."""
    viewer = require_viewer(request, Role.ADMIN)
    async with database.organization(viewer.organization_id) as tenant:
        await remove_rule(tenant, rule_id, viewer.role)
    return done("rule-deleted", "sign-in-rules")


ROUTES = [set_member_role, remove_member, set_rule, delete_sign_in_rule]
