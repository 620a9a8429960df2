"""Error pages."""

from typing import Any

from litestar import Request, Response
from litestar.types import ExceptionHandlersMap

from schema.errors import ShipledgerError
from service.dashboard.shell.answers import message
from service.dashboard.shell.sign_in_page import sign_in_page
from service.errors import UnauthorizedError
from service.http.problems import helpful, log_unexpected, readable


def explain(_request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    """Show an error as a page, without internal details."""
    known = readable(error)
    if known is None:
        log_unexpected(error)
        return message(500, "This page could not be made", "The error was logged. Load the page again, or go back.")
    detail = known.detail.rstrip(".")
    sentence = f"{known.field} {detail}." if known.field else f"{detail[:1].upper()}{detail[1:]}."
    page = message(known.status, known.title, sentence)
    page.headers.update(helpful(known.status, known))
    return page


def ask_to_sign_in(request: Request[Any, Any, Any], error: UnauthorizedError) -> Response[str]:
    """Show how to sign in, and then the page that was asked for."""
    query = request.url.query
    to = "/" if request.method != "GET" else f"{request.url.path}?{query}" if query else request.url.path
    return sign_in_page(error.status, request.app.state.providers, to)


EXPLAINED: ExceptionHandlersMap = {ShipledgerError: explain, UnauthorizedError: ask_to_sign_in, 500: explain}
