"""Route of the page of a team."""

from pathlib import Path
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from schema.database import Database
from schema.settings import Settings
from service.dashboard.components.comparing import why_not_compared
from service.dashboard.components.figures import Trust
from service.dashboard.shell.frame import Crumb, silent_since
from service.dashboard.shell.opening import PageRequest, addresses, open_page, without_suffix
from service.dashboard.team.page import build_team
from service.dashboard.team.reading import read_team
from service.dashboard.view.view import path_text

PARAMETERS = ("period", "compare", "unit", "price")


# Names of teams from a forge may hold slashes.
@get(addresses("/teams/{path:path}"), summary="One team")
async def show_team_page(
    request: PageRequest, path: FromPath[Path], settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show what a team spent and merged, from before, and why."""
    name = without_suffix(str(path).removeprefix("/"))
    address = f"/teams/{path_text(name)}"
    async with open_page(
        request, settings, database, PARAMETERS, address, with_calibrations=True, limits_to_team=True
    ) as opened:
        silent = silent_since(opened.freshness, opened.now)
        not_compared = why_not_compared(opened.view, opened.freshness, silent)
        facts = await read_team(opened, name, is_compared=not not_compared)
        crumbs = [] if opened.view.own_team else [Crumb("Compare", opened.view.carry("/compare/team"))]
        frame = opened.frame(facts.name, f"/api/v1/spend?team={path_text(name)}&group_by=fate&bucket=week", crumbs)
        heard = Trust("", frame.heard, dot="warn" if frame.is_silent else "on")
        page = build_team(opened.view, facts, heard, not_compared, silent)
        return opened.answer("team/page.html", frame, page)


ROUTES = [show_team_page]
