"""Route of the page of spend."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from schema.database import Database
from schema.settings import Settings
from service.dashboard.components.comparing import why_not_compared
from service.dashboard.components.figures import Trust
from service.dashboard.shell.frame import silent_since
from service.dashboard.shell.opening import PageRequest, addresses, open_page
from service.dashboard.spend.page import build_spend
from service.dashboard.spend.reading import read_spend
from service.dashboard.view.view import FILTERS

PARAMETERS = ("period", "compare", *FILTERS, "unit", "price")


@get(addresses("/spend"), summary="Spend")
async def show_spend_page(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show bill, causes, forecast, and where the money went."""
    async with open_page(request, settings, database, PARAMETERS, limits_to_team=True) as opened:
        silent = silent_since(opened.freshness, opened.now)
        not_compared = why_not_compared(opened.view, opened.freshness, silent)
        facts = await read_spend(opened, is_compared=not not_compared)
        frame = opened.frame("Spend", "/api/v1/spend?group_by=fate&bucket=week")
        heard = Trust("", frame.heard, dot=frame.heard_mark)
        page = build_spend(opened.view, facts, heard, not_compared, silent)
        return opened.answer("spend/page.html", frame, page)


ROUTES = [show_spend_page]
