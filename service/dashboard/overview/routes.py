"""Route of the overview."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from schema.database import Database
from schema.settings import Settings
from service.dashboard.components.comparing import why_not_compared
from service.dashboard.components.figures import Trust
from service.dashboard.overview.page import build_overview
from service.dashboard.overview.reading import read_overview
from service.dashboard.set_up.steps import quickest_imports, telemetry_step
from service.dashboard.shell.frame import silent_since
from service.dashboard.shell.opening import Opened, PageRequest, addresses, open_page

PARAMETERS = ("period", "compare", "team", "unit", "price")


@get(addresses("/"), summary="Overview")
async def show_overview_page(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show what was spent, what shipped, what changed and why."""
    async with open_page(
        request, settings, database, PARAMETERS, "/", with_calibrations=True, limits_to_team=True
    ) as opened:
        if not opened.freshness.has_tokens and not opened.freshness.has_pull_requests:
            return _welcome(opened)
        silent = silent_since(opened.freshness, opened.now)
        not_compared = why_not_compared(opened.view, opened.freshness, silent)
        facts = await read_overview(opened, is_compared=not not_compared)
        frame = opened.frame("Overview", "/api/v1/spend?group_by=fate&bucket=week")
        heard = Trust("", frame.heard, dot=frame.heard_mark)
        page = build_overview(opened.view, facts, heard, not_compared, silent)
        return opened.answer("overview/page.html", frame, page)


def _welcome(opened: Opened) -> Response[Any]:
    page = {"imports": quickest_imports(), "telemetry": telemetry_step(opened.url), "url": opened.url}
    return opened.show("overview/empty.html", opened.frame("Overview"), page)


ROUTES = [show_overview_page]
