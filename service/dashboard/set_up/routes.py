"""Route of the set-up page."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from schema.database import Database
from schema.settings import Settings
from service.dashboard.set_up.reading import read_connected
from service.dashboard.set_up.steps import next_steps
from service.dashboard.shell.opening import PageRequest, open_page


@get("/setup", summary="Set-up")
async def show_set_up(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show what to connect next."""
    async with open_page(request, settings, database) as opened:
        facts = await read_connected(opened.tenant, opened.now.date())
        page = {"steps": next_steps(facts, opened.url), "url": opened.url}
        return opened.show("set_up/page.html", opened.frame("Set-up"), page)


ROUTES = [show_set_up]
