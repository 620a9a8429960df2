"""Routes of the comparisons of models, workflows and prompts, and of one of them."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from schema.database import Database
from schema.settings import Settings
from service.dashboard.components.comparing import why_not_compared
from service.dashboard.components.figures import Trust
from service.dashboard.shell.frame import Crumb, silent_since
from service.dashboard.shell.opening import PageRequest, addresses, open_page
from service.dashboard.uses.chosen import build_chosen
from service.dashboard.uses.facts import Used
from service.dashboard.uses.page import build_uses
from service.dashboard.uses.reading import read_chosen, read_uses_page

SHARED = ("period", "compare", "team")
# What chooses one.
CHOOSING: dict[Used, tuple[str, ...]] = {"model": ("model",), "workflow": ("workflow", "prompt")}


@get(addresses("/compare/model"), summary="Models side by side")
async def show_models_page(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show what models cost and what switching changed; `model` chooses one."""
    return await _show(request, settings, database, "model")


@get(addresses("/compare/workflow"), summary="Workflows and prompts side by side")
async def show_workflows_page(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show what workflows and prompts cost and what versions changed; `workflow` or `prompt` chooses one."""
    return await _show(request, settings, database, "workflow")


async def _show(request: PageRequest, settings: Settings, database: Database, dimension: Used) -> Response[Any]:
    parameters = (*SHARED, *CHOOSING[dimension], "unit", "price")
    async with open_page(request, settings, database, parameters, limits_to_team=True) as opened:
        view = opened.view
        silent = silent_since(opened.freshness, opened.now)
        not_compared = why_not_compared(view, opened.freshness, silent)
        api = f"/api/v1/spend?bucket=total&group_by={dimension}"
        chosen = next((name for name in CHOOSING[dimension] if view.value(name)), "")
        title = view.value(chosen) if chosen else "Compare"
        crumbs = [Crumb("Compare", view.carry(f"/compare/{dimension}"))] if chosen else []
        frame = opened.frame(title, api, crumbs)
        heard = Trust("", frame.heard, dot="warn" if frame.is_silent else "on")
        if chosen:
            facts = await read_chosen(opened, chosen, is_compared=not not_compared)
            return opened.answer("uses/chosen.html", frame, build_chosen(view, facts, heard, not_compared, silent))
        uses = await read_uses_page(opened, dimension, is_compared=not not_compared)
        return opened.answer("uses/page.html", frame, build_uses(view, uses, heard, not_compared))


ROUTES = [show_models_page, show_workflows_page]
