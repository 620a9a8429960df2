"""Finds the viewer of each page by the session's cookie. API routes do not run it: a cookie never authorizes them."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.middleware.authentication import AbstractAuthenticationMiddleware, AuthenticationResult

from schema.database import Database
from schema.settings import Settings
from service.auth.key_text import key_digest
from service.auth.roles import Role
from service.auth.sessions.cookie import cookie_name
from service.auth.sessions.store import find_session
from service.auth.shared_links import view_vault
from service.auth.tokens import csrf_token, token_organization
from service.auth.viewer import Viewer


class Sessions(AbstractAuthenticationMiddleware):
    """Sets the request's `user` to the viewer, or to None without a valid session."""

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        """Look the session up."""
        state = connection.app.state
        return AuthenticationResult(user=await _viewer(connection, state.settings, state.database), auth=None)


async def _viewer(
    connection: ASGIConnection[Any, Any, Any, Any], settings: Settings, database: Database
) -> Viewer | None:
    token = connection.cookies.get(cookie_name(settings), "")
    organization_id = token_organization(token)
    if organization_id is None:
        return None
    async with database.organization(organization_id) as tenant:
        row = await find_session(tenant, token, settings.session_idle)
    if row is None:
        return None
    connection.app.state.admission.strangers.remember_session(key_digest(token))
    sealed = row["sealed_view"]
    return Viewer(
        organization_id=organization_id,
        role=Role(row["role"]),
        csrf_token=csrf_token(token),
        actor=row["actor"],
        team_id=row["team_id"],
        view=None if sealed is None else view_vault(settings).open(organization_id, sealed).decode(),
    )
