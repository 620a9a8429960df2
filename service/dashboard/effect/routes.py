"""Route of the page of effects."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from schema.database import Database
from schema.settings import Settings
from service.api.effects.effects import shown
from service.dashboard.components.figures import Trust
from service.dashboard.effect.page import build_effect
from service.dashboard.shell.frame import build_frame
from service.dashboard.shell.opening import PageRequest, addresses, open_page
from service.dashboard.view.view import CARRIED
from service.queries.ledger.effects import read_study


@get(addresses("/effect"), summary="Does it ship more?")
async def show_effect_page(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show the last study, which is about all teams and all weeks; period and team are only kept for other pages."""
    # No figure of a study is about a single team, so that who may see one team only sees the same.
    async with open_page(request, settings, database, kept=CARRIED, limits_to_team=True) as opened:
        found = shown(await read_study(opened.tenant))
        path, view = opened.view.path, opened.view
        title = "Does it ship more?"
        frame = build_frame(
            title, path, opened.freshness, opened.now, view, "/api/v1/effects", (), opened.viewer, view.own_team
        )
        heard = Trust("", frame.heard, dot="warn" if frame.is_silent else "on")
        return opened.answer("effect/page.html", frame, build_effect(found, opened.thresholds, heard, opened.now))


ROUTES = [show_effect_page]
