"""Begin a session: a new one at each sign-in, which ends the browser's former one."""

from typing import Any

from litestar import Request
from litestar.response import Redirect

from schema.database import Database, Tenant
from schema.settings import Settings
from service.auth.sessions.cookie import cookie_name, session_cookie
from service.auth.sessions.store import NewSession, end_session, start_session
from service.auth.tokens import token_organization
from service.dashboard.shell.answers import HEADERS
from service.http.admission.strangers import Strangers

PageRequest = Request[Any, Any, Any]


def strangers_of(request: PageRequest) -> Strangers:
    """Return the counts of failed sign-ins."""
    strangers: Strangers = request.app.state.admission.strangers
    return strangers


async def begin_session(tenant: Tenant, settings: Settings, new: NewSession, to: str) -> Redirect:
    """Store a session and redirect to a page with its cookie."""
    token = await start_session(tenant, new, settings.session_lifetime)
    return Redirect(to, status_code=303, headers=HEADERS, cookies=[session_cookie(settings, token)])


async def end_former_session(request: PageRequest, settings: Settings, database: Database) -> None:
    """End the session of the request's cookie, if it has one."""
    token = request.cookies.get(cookie_name(settings), "")
    organization_id = token_organization(token)
    if organization_id is not None:
        async with database.organization(organization_id) as tenant:
            await end_session(tenant, token)
