"""Routes to sign in by a one-time link, to open a shared view, and to sign out."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from schema.database import Database
from schema.settings import Settings
from service.audit.store import record_act
from service.auth.roles import Role
from service.auth.sessions.cookie import ended_cookie
from service.auth.sessions.store import NewSession
from service.auth.shared_links import open_shared_link, view_vault
from service.auth.sign_in import redeem
from service.auth.tokens import token_organization
from service.auth.viewer import Viewer, signed_in_viewer
from service.dashboard.shell.answers import HEADERS
from service.dashboard.shell.sign_in_page import sign_in_page, used_link_page
from service.dashboard.sign_in.beginning import begin_session, end_former_session, strangers_of
from service.http.admission.strangers import address_of

PageRequest = Request[Any, Any, Any]
LINK = "link"


@get("/sign-in", summary="Sign in")
async def ask(request: PageRequest) -> Response[Any]:
    """Show how to sign in; who is signed in gets to the dashboard."""
    if signed_in_viewer(request) is not None:
        return Redirect("/", status_code=303, headers=HEADERS)
    return sign_in_page(200, request.app.state.providers, "/")


@get("/sign-in/{token:str}", summary="Sign in by a one-time link")
async def open_link(
    request: PageRequest,
    token: FromPath[str],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> Response[Any]:
    """Sign in and redirect to the dashboard; each link works once."""
    organization_id = token_organization(token)
    if organization_id is None:
        return used_link_page()
    strangers, address = strangers_of(request), address_of(request.scope)
    async with strangers.trying(address), database.organization(organization_id) as tenant:
        grant = await redeem(tenant, token)
        if grant is None:
            strangers.fail(address)
            return used_link_page()
        await record_act(tenant, LINK, "sign in by link", grant.role)
        new = NewSession(role=grant.role, actor=LINK, team_id=grant.team_id)
        answer = await begin_session(tenant, settings, new, "/")
    await end_former_session(request, settings, database)
    return answer


@get("/shared/{token:str}", summary="Open a shared view")
async def open_shared(
    request: PageRequest,
    token: FromPath[str],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> Response[Any]:
    """Begin a session that sees one view, and redirect to it; who is signed in keeps their own session."""
    organization_id = token_organization(token)
    if organization_id is None:
        return used_link_page()
    strangers, address = strangers_of(request), address_of(request.scope)
    async with strangers.trying(address), database.organization(organization_id) as tenant:
        link = await open_shared_link(tenant, token)
        if link is None:
            strangers.fail(address)
            return used_link_page()
        actor = f"shared link {link['link_id']}"
        await record_act(tenant, actor, "open shared link", str(link["link_id"]))
        view = view_vault(settings).open(organization_id, link["sealed_view"]).decode()
        viewer = signed_in_viewer(request)
        if viewer is not None and viewer.organization_id == organization_id and is_unlimited(viewer):
            return Redirect(view, status_code=303, headers=HEADERS)
        new = NewSession(
            role=Role.VIEWER,
            actor=actor,
            team_id=link["team_id"],
            shared_link_id=link["link_id"],
            until=link["expires_at"],
        )
        answer = await begin_session(tenant, settings, new, view)
    await end_former_session(request, settings, database)
    return answer


@post("/sign-out", summary="Sign out", status_code=303)
async def leave(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Redirect:
    """End the session."""
    await end_former_session(request, settings, database)
    return Redirect("/", status_code=303, headers=HEADERS, cookies=[ended_cookie(settings)])


def is_unlimited(viewer: Viewer) -> bool:
    """Return whether a viewer sees the whole organization already."""
    return viewer.view is None and viewer.team_id is None


ROUTES = [ask, open_link, open_shared, leave]
