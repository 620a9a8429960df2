"""Route of the page of a pull request."""

from typing import Annotated, Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter

from schema.database import Database
from schema.settings import Settings
from service.dashboard.components.costs import name_of
from service.dashboard.components.figures import Trust
from service.dashboard.pull_request.page import build_one
from service.dashboard.pull_request.reading import read_one
from service.dashboard.shell.frame import Crumb
from service.dashboard.shell.opening import PageRequest, addresses, open_page, without_suffix
from service.dashboard.view.view import CARRIED

PARAMETERS = ("price",)


@get(addresses("/pull-requests/{artifact_id:str}"), summary="One pull request")
async def show_pull_request_page(
    request: PageRequest,
    artifact_id: Annotated[str, PathParameter(description="Artifact id of a pull request")],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> Response[Any]:
    """Show what a pull request cost, how sure that is, and what it was spent on."""
    wanted = without_suffix(artifact_id)
    async with open_page(
        request, settings, database, PARAMETERS, kept=CARRIED, with_calibrations=True, limits_to_team=True
    ) as opened:
        facts = await read_one(opened, wanted)
        title = name_of(facts.shown.label, facts.shown.artifact_id)
        above = [Crumb("Pull requests", opened.view.lead("/pull-requests"))]
        frame = opened.frame(title, f"/api/v1/attributions?artifact_id={facts.shown.artifact_id}", above)
        heard = Trust("Telemetry:", frame.heard.lower(), dot="warn" if frame.is_silent else "on")
        return opened.answer("pull_request/page.html", frame, build_one(opened.view, facts, heard))


ROUTES = [show_pull_request_page]
