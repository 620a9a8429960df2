"""Route of the benchmark page."""

from dataclasses import replace
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from schema.database import Database
from schema.settings import Settings
from service.dashboard.components.figures import Answer
from service.dashboard.shell.frame import build_frame
from service.dashboard.shell.opening import PageRequest, open_page
from service.dashboard.view.view import CARRIED

NOT_JOINED = Answer(
    "This organization has not joined a benchmark",
    [("Its figures are compared with no other company, and nothing of them leaves this installation.", False)],
)


@get("/benchmark", summary="Where the organization stands among others")
async def show_benchmark_page(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Say that the organization has not joined a benchmark, and how it could."""
    async with open_page(request, settings, database, kept=CARRIED, limits_to_team=True) as opened:
        path, view = opened.view.path, opened.view
        frame = build_frame("Benchmark", path, opened.freshness, opened.now, view, "", (), opened.viewer, view.own_team)
        # Its links keep the view of other pages; it has no period, team or table of its own.
        return opened.show("benchmark/page.html", replace(frame, bar=None), NOT_JOINED)


ROUTES = [show_benchmark_page]
