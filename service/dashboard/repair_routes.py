"""Route of the repairs page: what webhooks missed and what was fetched later."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency

from schema.database import Database
from service.auth.session import signed_in_organization
from service.dashboard.answers import render
from service.dashboard.explaining import EXPLAINED
from service.dashboard.repair_page import build_repair_page
from service.dashboard.repair_reading import read_repair_facts
from service.errors import UnauthorizedError


@get("/repairs", summary="What webhooks missed")
async def repairs_page(request: Request[Any, Any, Any], database: NamedDependency[Database]) -> Response[str]:
    """Show the checks of the signed-in organization."""
    organization_id = signed_in_organization(request)
    if organization_id is None:
        raise UnauthorizedError("sign in first: open the link that shipledger up prints")
    async with database.organization(organization_id) as tenant:
        facts = await read_repair_facts(tenant)
    return render("repairs.html", page=build_repair_page(facts))


ROUTES = [
    Router("/", route_handlers=[repairs_page], include_in_schema=False, exception_handlers=EXPLAINED),
]
