"""Route of the list of releases."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from schema.database import Database
from schema.settings import Settings
from service.dashboard.components.comparing import why_not_compared
from service.dashboard.components.figures import Trust
from service.dashboard.releases.page import ORDERS, build_releases
from service.dashboard.releases.reading import read_list
from service.dashboard.shell.frame import silent_since
from service.dashboard.shell.opening import PageRequest, addresses, open_page

PARAMETERS = ("period", "compare", "team", "repository", "price", "sort", "page")
SORTS = {"sort": ORDERS}


@get(addresses("/releases"), summary="Releases")
async def show_releases_page(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show what the releases of a period cost, and what came back."""
    keys = request.app.state.reads.organization_keys
    async with open_page(
        request, settings, database, PARAMETERS, with_calibrations=True, choices=SORTS, limits_to_team=True
    ) as opened:
        hasher = await keys.hasher(opened.tenant.organization_id)
        not_compared = why_not_compared(opened.view, opened.freshness, silent_since(opened.freshness, opened.now))
        facts = await read_list(opened, hasher, is_compared=not not_compared)
        frame = opened.frame("Releases", "/api/v1/releases")
        heard = Trust("", frame.heard, dot="warn" if frame.is_silent else "on")
        return opened.answer("releases/page.html", frame, build_releases(opened.view, facts, heard))


ROUTES = [show_releases_page]
