"""Route of the page of administration."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from schema.database import Database
from schema.settings import Settings
from service.auth.roles import Role
from service.auth.viewer import require_viewer
from service.dashboard.administration.page import DONE, build_administration
from service.dashboard.administration.reading import read_administration
from service.dashboard.shell.opening import PageRequest, addresses, open_page


@get(addresses("/administration"), summary="Administration")
async def show_administration(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show who may get in and what administrators did; with the role admin also keys, links and upkeep."""
    role = require_viewer(request, Role.AUDITOR).role
    choices = {"done": tuple(DONE)}
    async with open_page(request, settings, database, ("done",), choices=choices, role=Role.AUDITOR) as opened:
        facts = await read_administration(opened, settings, role)
        page = build_administration(facts, opened.view.value("done"), opened.now)
        frame = opened.frame("Administration", "/api/v1/audit")
        return opened.answer("administration/page.html", frame, page)


ROUTES = [show_administration]
