"""Route of the page of set-up."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from schema.database import Database
from schema.settings import Settings
from service.dashboard.set_up.page import build_set_up
from service.dashboard.set_up.reading import read_connected
from service.dashboard.shell.opening import PageRequest, open_page


@get("/setup", summary="Set-up")
async def show_set_up(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show the guide to the first figure, and when each connection was last heard."""
    async with open_page(request, settings, database, with_calibrations=True) as opened:
        page = build_set_up(await read_connected(opened), opened.url, opened.now)
        return opened.show("set_up/page.html", opened.frame("Set-up"), page)


ROUTES = [show_set_up]
