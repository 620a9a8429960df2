"""Routes of the dashboard: sign in by link, show the figures, sign out."""

from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from schema.database import Database
from schema.errors import NotFoundError
from schema.settings import Settings
from service.auth.session import sign_in, sign_out, signed_in_organization
from service.auth.sign_in import redeem, token_organization
from service.dashboard.answers import ASSET_HEADERS, HEADERS, assets, message, render
from service.dashboard.explaining import EXPLAINED
from service.dashboard.page import build_page
from service.dashboard.reading import read_facts
from service.queries.teams.comparisons import thresholds_of

PageRequest = Request[Any, Any, Any]

HOW_TO_GET_A_LINK = "To get a new link, stop the service with Ctrl-C and start it again:"
UP = "shipledger up"


@get("/", summary="The dashboard")
async def dashboard(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[str]:
    """Show the figures of the signed-in organization."""
    organization_id = signed_in_organization(request)
    if organization_id is None:
        return message(
            401, "Sign in with a link", "Open the sign-in link. It works once.", HOW_TO_GET_A_LINK, command=UP
        )
    async with database.organization(organization_id) as tenant:
        facts = await read_facts(tenant, datetime.now(UTC), thresholds_of(settings))
    return render("dashboard.html", page=build_page(facts, instance_url(request, settings)))


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


@get("/assets/{version:str}/{name:str}", summary="Style sheet and icon", sync_to_thread=False)
def asset(version: FromPath[str], name: FromPath[str]) -> Response[bytes]:  # noqa: ARG001 - the version only busts browser caches
    """Serve a static file."""
    if (found := assets().get(name)) is None:
        raise NotFoundError(f"there is no file named {name}")
    return Response(found.content, media_type=found.media_type, headers=ASSET_HEADERS)


def instance_url(request: PageRequest, settings: Settings) -> str:
    """Return the URL of this instance: the configured public URL, or else the one this browser used."""
    return (settings.public_url or str(request.base_url)).rstrip("/")


ROUTES = [
    Router(
        "/",
        route_handlers=[dashboard, open_link, leave, asset],
        include_in_schema=False,
        exception_handlers=EXPLAINED,
    )
]
