"""Every page of the dashboard, and the files that they link to."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from schema.database import Database
from schema.errors import NotFoundError
from service.auth.session import sign_in, sign_out
from service.auth.sign_in import redeem, token_organization
from service.dashboard.compare import routes as compare
from service.dashboard.github import routes as github
from service.dashboard.overview import routes as overview
from service.dashboard.pull_request import routes as pull_request
from service.dashboard.pull_requests import routes as pull_requests
from service.dashboard.quality import routes as quality
from service.dashboard.repairs import routes as repairs
from service.dashboard.set_up import routes as set_up
from service.dashboard.shell.answers import HEADERS, message
from service.dashboard.shell.assets import ASSET_HEADERS, assets
from service.dashboard.shell.explaining import EXPLAINED, HOW_TO_GET_A_LINK, UP
from service.dashboard.shell.opening import PageRequest
from service.dashboard.spend import routes as spend
from service.dashboard.team import routes as team


@get("/sign-in/{token:str}", summary="Sign in by a one-time link")
async def open_link(request: PageRequest, token: FromPath[str], database: NamedDependency[Database]) -> Response[Any]:
    """Sign in and redirect to the dashboard; each link works once."""
    organization_id = token_organization(token)
    if organization_id is not None:
        async with database.organization(organization_id) as tenant:
            redeemed = await redeem(tenant, token)
        if redeemed:
            sign_in(request, organization_id)
            return Redirect("/", status_code=303, headers=HEADERS)
    return message(410, "This link no longer works", "A link works once, within a day.", HOW_TO_GET_A_LINK, command=UP)


@post("/sign-out", summary="Sign out", status_code=303)
async def leave(request: PageRequest) -> Redirect:
    """End the session."""
    sign_out(request)
    return Redirect("/", status_code=303, headers=HEADERS)


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
            open_link,
            leave,
            asset,
            *overview.ROUTES,
            *pull_requests.ROUTES,
            *pull_request.ROUTES,
            *spend.ROUTES,
            *quality.ROUTES,
            *compare.ROUTES,
            *team.ROUTES,
            *set_up.ROUTES,
            *github.ROUTES,
            *repairs.ROUTES,
        ],
        include_in_schema=False,
        exception_handlers=EXPLAINED,
    )
]
