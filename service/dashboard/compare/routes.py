"""Routes of the comparisons between teams and between repositories."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from schema.database import Database
from schema.settings import Settings
from service.dashboard.compare.facts import Compared
from service.dashboard.compare.ordering import SORTS
from service.dashboard.compare.page import build_comparison
from service.dashboard.compare.reading import read_comparison
from service.dashboard.components.comparing import why_not_compared
from service.dashboard.components.figures import Trust
from service.dashboard.shell.frame import silent_since
from service.dashboard.shell.opening import PageRequest, addresses, open_page

PARAMETERS = ("period", "compare", "team", "price", "sort")


@get(addresses("/compare/team"), summary="Teams side by side")
async def show_teams_page(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show what pull requests cost each team; `team` names one to look at."""
    return await _show(request, settings, database, "team")


@get(addresses("/compare/repository"), summary="Repositories side by side")
async def show_repositories_page(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show what pull requests cost in each repository, of one team or all."""
    return await _show(request, settings, database, "repository")


async def _show(request: PageRequest, settings: Settings, database: Database, dimension: Compared) -> Response[Any]:
    choices = {"sort": SORTS}
    async with open_page(
        request,
        settings,
        database,
        PARAMETERS,
        choices=choices,
        with_calibrations=True,
        limits_to_team=dimension == "repository",
    ) as opened:
        silent = silent_since(opened.freshness, opened.now)
        not_compared = why_not_compared(opened.view, opened.freshness, silent)
        facts = await read_comparison(opened, dimension, is_compared=not not_compared)
        frame = opened.frame("Compare", f"/api/v1/metrics/tokens-per-pr?bucket=total&group_by={dimension}")
        heard = Trust("", frame.heard, dot="warn" if frame.is_silent else "on")
        page = build_comparison(opened.view, facts, opened.thresholds, heard, not_compared)
        return opened.answer("compare/page.html", frame, page)


ROUTES = [show_teams_page, show_repositories_page]
