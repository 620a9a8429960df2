"""Routes of the page of set-up and its forms, which do what the API does."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from schema.database import Database
from schema.queue import Queue
from schema.settings import Settings
from service.api.forge.connections import store_connection
from service.auth.roles import Role
from service.auth.viewer import require_viewer
from service.connections.public_address import public_base
from service.contracts.connection import NewConnection
from service.contracts.team import TeamIn
from service.dashboard.set_up.forms import TeamSize
from service.dashboard.set_up.guide import FORGES
from service.dashboard.set_up.page import build_set_up
from service.dashboard.set_up.reading import read_connected
from service.dashboard.shell.answers import HEADERS, render
from service.dashboard.shell.forms import read_form
from service.dashboard.shell.opening import PageRequest, open_page
from service.queries.teams.teams import find_team, save_team


@get("/setup", summary="Set-up")
async def show_set_up(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show the guide to the first figure, and when each connection was last heard."""
    async with open_page(request, settings, database, with_calibrations=True) as opened:
        page = build_set_up(await read_connected(opened), opened.url, opened.now, opened.freshness.teams)
        return opened.show("set_up/page.html", opened.frame("Set-up"), page)


@post("/setup/connections", summary="Connect a forge by webhook", status_code=200)
async def connect_on_page(
    request: PageRequest,
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Response[Any]:
    """Create a connection, try its token, and show once what to enter at the forge."""
    viewer = require_viewer(request, Role.ADMIN)
    data = await read_form(request, NewConnection)
    base = public_base(request, settings)
    made = await store_connection(data, viewer.organization_id, base, settings, database, queue)
    return render("set_up/connected.html", made=made, forge=FORGES[made.forge])


@post("/setup/teams", summary="Set the size of a team", status_code=303)
async def set_size_on_page(request: PageRequest, database: NamedDependency[Database]) -> Redirect:
    """Set how many people a team has."""
    viewer = require_viewer(request, Role.ADMIN)
    data = await read_form(request, TeamSize)
    async with database.organization(viewer.organization_id) as tenant:
        await find_team(tenant, data.name, "name")
        await save_team(tenant, TeamIn(name=data.name, size=data.size))
    return Redirect("/setup#team-sizes", status_code=303, headers=HEADERS)


ROUTES = [show_set_up, connect_on_page, set_size_on_page]
