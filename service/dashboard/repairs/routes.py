"""Route of the repairs page."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from schema.database import Database
from schema.settings import Settings
from service.dashboard.repairs.page import build_repair_page
from service.dashboard.repairs.reading import read_repair_facts
from service.dashboard.shell.opening import PageRequest, open_page


@get("/repairs", summary="What webhooks missed")
async def repairs_page(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show the checks of the signed-in organization."""
    async with open_page(request, settings, database) as opened:
        facts = await read_repair_facts(opened.tenant)
        return opened.show("repairs/page.html", opened.frame("Repairs"), build_repair_page(facts))


ROUTES = [repairs_page]
