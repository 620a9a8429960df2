"""Every page of the dashboard, and the files that they link to."""

from litestar import Response, Router, get
from litestar.params import FromPath

from schema.errors import NotFoundError
from service.dashboard.administration import access_forms, people_forms, upkeep_forms
from service.dashboard.administration import routes as administration
from service.dashboard.alerts import routes as alerts
from service.dashboard.benchmark import routes as benchmark
from service.dashboard.compare import routes as compare
from service.dashboard.effect import routes as effect
from service.dashboard.embed import routes as embed
from service.dashboard.github import routes as github
from service.dashboard.overview import routes as overview
from service.dashboard.pull_request import routes as pull_request
from service.dashboard.pull_requests import routes as pull_requests
from service.dashboard.quality import routes as quality
from service.dashboard.release import routes as release
from service.dashboard.releases import routes as releases
from service.dashboard.repairs import routes as repairs
from service.dashboard.set_up import routes as set_up
from service.dashboard.shell.assets import ASSET_HEADERS, assets
from service.dashboard.shell.explaining import EXPLAINED
from service.dashboard.sign_in import provider_routes
from service.dashboard.sign_in import routes as sign_in
from service.dashboard.spend import routes as spend
from service.dashboard.team import routes as team
from service.dashboard.uses import routes as uses


@get("/assets/{version:str}/{name:str}", summary="Style sheet, script, icon and font", sync_to_thread=False)
def asset(version: FromPath[str], name: FromPath[str]) -> Response[bytes]:  # noqa: ARG001 - the version only busts browser caches
    """Serve a static file."""
    if (found := assets().get(name)) is None:
        raise NotFoundError(f"there is no file named {name}")
    return Response(found.content, media_type=found.media_type, headers=ASSET_HEADERS)


ROUTES = [
    Router(
        "/",
        route_handlers=[
            asset,
            *sign_in.ROUTES,
            *provider_routes.ROUTES,
            *overview.ROUTES,
            *embed.ROUTES,
            *pull_requests.ROUTES,
            *pull_request.ROUTES,
            *releases.ROUTES,
            *release.ROUTES,
            *spend.ROUTES,
            *quality.ROUTES,
            *compare.ROUTES,
            *team.ROUTES,
            *uses.ROUTES,
            *alerts.ROUTES,
            *effect.ROUTES,
            *benchmark.ROUTES,
            *set_up.ROUTES,
            *github.ROUTES,
            *repairs.ROUTES,
            *administration.ROUTES,
            *people_forms.ROUTES,
            *access_forms.ROUTES,
            *upkeep_forms.ROUTES,
        ],
        include_in_schema=False,
        exception_handlers=EXPLAINED,
    )
]
