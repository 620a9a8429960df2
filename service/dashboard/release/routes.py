"""Route of the page of a release."""

from typing import Annotated, Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter

from schema.database import Database
from schema.settings import Settings
from service.dashboard.components.costs import name_of
from service.dashboard.components.figures import Trust
from service.dashboard.release.page import build_release
from service.dashboard.release.reading import read_release
from service.dashboard.shell.frame import Crumb
from service.dashboard.shell.opening import PageRequest, addresses, open_page, without_suffix
from service.dashboard.view.view import CARRIED

PARAMETERS = ("price",)


@get(addresses("/releases/{artifact_id:str}"), summary="One release")
async def show_release_page(
    request: PageRequest,
    artifact_id: Annotated[str, PathParameter(description="Artifact id of a release")],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> Response[Any]:
    """Show what a release cost, what it ships, and what came back."""
    wanted = without_suffix(artifact_id)
    async with open_page(
        request, settings, database, PARAMETERS, kept=CARRIED, with_calibrations=True, limits_to_team=True
    ) as opened:
        facts = await read_release(opened, wanted)
        title = name_of(facts.shown.label, facts.shown.artifact_id)
        above = [Crumb("Releases", opened.view.lead("/releases"))]
        frame = opened.frame(title, f"/api/v1/releases/{facts.shown.artifact_id}", above)
        heard = Trust("Telemetry:", frame.heard.lower(), dot="warn" if frame.is_silent else "on")
        return opened.answer("release/page.html", frame, build_release(opened.view, facts, heard))


ROUTES = [show_release_page]
