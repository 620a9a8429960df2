"""Route of the list of pull requests."""

from dataclasses import replace
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from schema.database import Database
from schema.settings import Settings
from service.dashboard.components.comparing import why_not_compared
from service.dashboard.components.figures import Trust
from service.dashboard.pull_requests.page import ORDERS, build_list
from service.dashboard.pull_requests.reading import read_list
from service.dashboard.shell.frame import silent_since
from service.dashboard.shell.opening import PageRequest, addresses, open_page

PARAMETERS = ("period", "compare", "team", "repository", "model", "price", "state", "sort", "q", "page")
SORTS = {"sort": ORDERS}


@get(addresses("/pull-requests"), summary="Pull requests")
async def show_pull_requests_page(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show the pull requests of a period by what each cost at least, or those that a search finds."""
    keys = request.app.state.reads.organization_keys
    async with open_page(
        request, settings, database, PARAMETERS, with_calibrations=True, choices=SORTS, limits_to_team=True
    ) as opened:
        hasher = await keys.hasher(opened.tenant.organization_id)
        not_compared = why_not_compared(opened.view, opened.freshness, silent_since(opened.freshness, opened.now))
        read = await read_list(opened, hasher, is_compared=not not_compared)
        facts = replace(read, has_any=opened.freshness.has_pull_requests)
        frame = opened.frame("Pull requests", "/api/v1/attributions?sort=cost")
        heard = Trust("", frame.heard, dot="warn" if frame.is_silent else "on")
        return opened.answer("pull_requests/page.html", frame, build_list(opened.view, facts, heard))


ROUTES = [show_pull_requests_page]
