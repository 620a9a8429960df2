"""/api/v1/dashboard-links: links that sign in once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Request, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import JSONBody

from schema.database import Database
from schema.settings import Settings
from service.auth.caller import Caller
from service.auth.grants import require_grant
from service.auth.guards import requires
from service.auth.roles import Role
from service.auth.sign_in import create_sign_in_link, sign_in_url
from service.auth.visible_team import require_whole_organization
from service.connections.public_address import public_base
from service.contracts.access.links import DashboardLinkIn, DashboardLinkMade
from service.queries.teams.teams import find_team


@post("/api/v1/dashboard-links", guards=[requires("admin")], summary="Create a dashboard link", tags=["access"])
async def make_dashboard_link(
    data: JSONBody[DashboardLinkIn],
    request: Request[Any, Caller, State],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> DashboardLinkMade:
    """Create a link that signs one browser in, once, with no role above that of the key. Only the response shows it."""
    require_whole_organization(caller)
    require_grant(caller.role, data.role, "role")
    base, lifetime = public_base(request, settings), timedelta(seconds=data.expires_in)
    async with database.organization(caller.organization_id) as tenant:
        team_id = await find_team(tenant, data.team) if data.team else None
        token = await create_sign_in_link(tenant, Role(data.role), team_id, lifetime)
    expires_at = datetime.now(UTC).replace(microsecond=0) + lifetime
    return DashboardLinkMade(url=sign_in_url(base, token), role=data.role, team=data.team, expires_at=expires_at)


ROUTES = [make_dashboard_link]
