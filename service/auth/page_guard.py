"""The guard of all pages: the Host is ours, and a POST comes from one of our own forms."""

from typing import Any, cast

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from schema.settings import Settings
from service.audit.acts import SAFE_METHODS
from service.auth.tokens import are_of_one_session
from service.auth.viewer import signed_in_viewer
from service.connections.public_address import is_own_origin, require_own_host
from service.errors import ForbiddenError

CSRF_FIELD = "csrf_token"
CSRF_HEADER = "x-csrf-token"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def guard_page(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse a foreign Host, and a POST from another site or without the token of the session's forms."""
    settings: Settings = connection.app.state.settings
    require_own_host(connection, settings)
    if connection.scope.get("method") in SAFE_METHODS:
        return
    if not is_own_origin(connection, settings):
        raise ForbiddenError("this form was sent from another site; open the page here and send it again")
    viewer = signed_in_viewer(connection)
    # Without a session, the page itself refuses or has nothing to protect.
    if viewer is None:
        return
    sent = connection.headers.get(CSRF_HEADER) or await _form_field(cast("Request[Any, Any, Any]", connection))
    if not are_of_one_session(viewer.csrf_token, sent):
        raise ForbiddenError("this form is out of date; reload the page and send it again")


async def _form_field(request: Request[Any, Any, Any]) -> str:
    if request.content_type[0] not in FORMS:
        return ""
    value = (await request.form()).get(CSRF_FIELD)
    return value if isinstance(value, str) else ""
