"""/api/v1/sign-in-rules: who may sign in through an identity provider, and with which role."""

from collections.abc import Mapping
from typing import Annotated, Any

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from schema.database import Database, Tenant
from schema.errors import BadInputError, NotFoundError
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, read_cursor
from service.audit.acts import note_made
from service.auth.caller import Caller
from service.auth.grants import require_grant
from service.auth.guards import requires
from service.auth.members.rules import delete_rule, list_rules, read_rule, save_rule
from service.auth.roles import Role
from service.auth.sessions.store import end_sessions_of_members
from service.auth.visible_team import require_whole_organization
from service.connections.names import LARGEST_ID
from service.contracts.access.members import RuleKind, SignInRuleIn, SignInRuleList, SignInRuleShown
from service.queries.teams.teams import find_team

# Anybody can get an address there, so a domain rule would let everybody in.
PUBLIC_MAIL = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com"),
        *(
            "proton.me",
            "protonmail.com",
            "gmx.de",
            "gmx.net",
            "web.de",
            "aol.com",
            "mail.com",
            "users.noreply.github.com",
        ),
    }
)


@get("/api/v1/sign-in-rules", guards=[requires("admin")], summary="List sign-in rules", tags=["access"])
async def show_sign_in_rules(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> SignInRuleList:
    """List who may sign in through an identity provider. Who fits several rules gets the highest role."""
    require_whole_organization(caller)
    after = read_cursor(cursor, tuple[int])
    async with database.organization(caller.organization_id) as tenant:
        rows = await list_rules(tenant, after=after[0] if after else None, limit=limit + 1)
    page, next_cursor = cut(rows, limit, lambda row: (row["rule_id"],))
    return SignInRuleList(items=[_shown(row) for row in page], next_cursor=next_cursor)


@post(
    "/api/v1/sign-in-rules", status_code=200, guards=[requires("admin")], summary="Set a sign-in rule", tags=["access"]
)
async def set_sign_in_rule(
    data: JSONBody[SignInRuleIn], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> SignInRuleShown:
    """Let the people of a group or mail domain sign in with a role, in place of an earlier rule for the same one."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        return await save_described_rule(tenant, data, caller.role)


async def save_described_rule(tenant: Tenant, data: SignInRuleIn, held: Role | None) -> SignInRuleShown:
    """Store a rule as described, for somebody who holds a role, and sign all members out.

    Raises BadInputError for a domain of everybody, and ForbiddenError for a role above it.
    """
    require_grant(held, data.role, "role")
    if data.kind is RuleKind.DOMAIN and ("." not in data.value or data.value.lower() in PUBLIC_MAIL):
        raise BadInputError("must be a domain of your own, such as example.com", field="value")
    replaced = await read_rule(tenant, data.provider.value, data.kind.value, data.value)
    require_grant(held, replaced and replaced["role"], "value")
    team_id = await find_team(tenant, data.team) if data.team else None
    rule_id = await save_rule(
        tenant,
        provider=data.provider.value,
        kind=data.kind.value,
        value=data.value,
        role=Role(data.role),
        team_id=team_id,
    )
    note_made(rule_id)
    await end_sessions_of_members(tenant)
    (row,) = await list_rules(tenant, rule_id=rule_id)
    return _shown(row)


@delete(
    "/api/v1/sign-in-rules/{rule_id:int}", guards=[requires("admin")], summary="Delete a sign-in rule", tags=["access"]
)
async def drop_sign_in_rule(
    rule_id: Annotated[int, PathParameter(description="Id of a sign-in rule")],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Delete a rule. All members are signed out, and sign in again by the rules that are left."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        await remove_rule(tenant, rule_id, caller.role)


async def remove_rule(tenant: Tenant, rule_id: int, held: Role | None) -> None:
    """Delete a rule, for somebody who holds a role, and sign all members out.

    Raises NotFoundError, and ForbiddenError for a rule above it.
    """
    is_known = 0 < rule_id <= LARGEST_ID
    for row in await list_rules(tenant, rule_id=rule_id) if is_known else ():
        require_grant(held, row["role"])
    is_known = is_known and await delete_rule(tenant, rule_id)
    await end_sessions_of_members(tenant)
    if not is_known:
        raise NotFoundError("must be an existing rule; list them with GET /api/v1/sign-in-rules", field="rule_id")


def _shown(row: Mapping[str, Any]) -> SignInRuleShown:
    names = ("provider", "kind", "value", "role", "team", "created_at")
    return SignInRuleShown(id=row["rule_id"], **{name: row[name] for name in names})


ROUTES = [show_sign_in_rules, set_sign_in_rule, drop_sign_in_rule]
