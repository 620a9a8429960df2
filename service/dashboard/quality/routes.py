"""Route of the page of data quality."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from schema.database import Database
from schema.settings import Settings
from service.dashboard.components.comparing import why_not_compared
from service.dashboard.components.figures import Trust
from service.dashboard.quality.page import build_quality
from service.dashboard.quality.reading import read_quality
from service.dashboard.shell.frame import silent_since
from service.dashboard.shell.opening import PageRequest, addresses, open_page

PARAMETERS = ("period", "compare", "team")


@get(addresses("/quality"), summary="Data quality")
async def show_quality_page(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show whether the ledger adds up, how tokens were linked, who is heard, and what is not counted."""
    async with open_page(
        request, settings, database, PARAMETERS, with_calibrations=True, limits_to_team=True
    ) as opened:
        silent = silent_since(opened.freshness, opened.now)
        not_compared = why_not_compared(opened.view, opened.freshness, silent)
        facts = await read_quality(opened, is_compared=not not_compared)
        frame = opened.frame("Data quality", "/api/v1/coverage")
        heard = Trust("", frame.heard, dot=frame.heard_mark)
        page = build_quality(opened.view, facts, heard, opened.now, silent, len(opened.freshness.teams))
        return opened.answer("quality/page.html", frame, page)


ROUTES = [show_quality_page]
