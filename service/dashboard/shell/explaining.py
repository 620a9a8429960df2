"""Error pages, each with a way on."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from schema.errors import ShipledgerError
from service.auth.viewer import signed_in_viewer
from service.dashboard.components.view_bar import Choice
from service.dashboard.shell.answers import message
from service.dashboard.shell.sign_in_page import sign_in_page
from service.errors import MisdirectedError, UnauthorizedError
from service.http.problems import handle_error, helpful, log_unexpected, readable

PageRequest = Request[Any, Any, Any]
# What programs read; browsers get problem documents there as well.
OF_PROGRAMS = ("/api/", "/v1/", "/webhooks/", "/schema", "/health/", "/metrics")
SAID = {
    HTTPStatus.NOT_FOUND: ("This page does not exist", "Check the address, or begin at the overview."),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        "This address takes no form",
        "Open the page that has the form, and send it again.",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("This form is too large", "Send less at once."),
}


def explain(request: PageRequest, error: Exception) -> Response[str]:
    """Show an error as a page, without internal details."""
    known = readable(error)
    if known is None:
        log_unexpected(error)
        sentence = "The error was logged. Load the page again, or go back."
        return _page(request, 500, "This page could not be made", sentence)
    detail = known.detail.rstrip(".")
    sentence = f"{known.field} {detail}." if known.field else f"{detail[:1].upper()}{detail[1:]}."
    return _page(request, known.status, known.title, sentence, known)


def ask_to_sign_in(request: PageRequest, error: UnauthorizedError) -> Response[str]:
    """Show how to sign in, and then the page that was asked for."""
    to = "/" if request.method != "GET" else _address(request)
    return sign_in_page(error.status, request.app.state.providers, to)


def explain_request(request: PageRequest, error: HTTPException) -> Response[str]:
    """Show what the framework refuses: an address that does not exist, a form that cannot be read."""
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return explain(request, error)
    status = HTTPStatus(error.status_code)
    heading, sentence = SAID.get(status, ("This request cannot be read", "Open the page again, and send its form."))
    return _page(request, status, heading, sentence)


def answer_anything(request: PageRequest, error: Exception) -> Response[Any]:
    """Answer errors outside the pages, such as an unknown address: a browser gets a page, a program a problem."""
    is_browser = "text/html" in request.headers.get("accept", "")
    if not is_browser or request.url.path.startswith(OF_PROGRAMS):
        return handle_error(request, error)
    return explain_request(request, error) if isinstance(error, HTTPException) else explain(request, error)


def _page(
    request: PageRequest, status: int, heading: str, sentence: str, known: ShipledgerError | None = None
) -> Response[str]:
    page = message(status, heading, sentence, back=_way_on(request, status))
    page.headers.update(helpful(status, known))
    return page


def _way_on(request: PageRequest, status: int) -> Choice | None:
    """Return where to go from an error: again, to the shared view, back to the form, or to the overview."""
    if status == MisdirectedError.status:
        return None
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and request.method == "GET":
        return Choice("Try again", _address(request), is_current=False)
    viewer = signed_in_viewer(request)
    if viewer is not None and viewer.view is not None:
        return Choice("Back to the shared view", viewer.view, is_current=False)
    if request.method == "POST" and (page := _page_of_form(request)):
        return Choice("Back to the form", page, is_current=False)
    return Choice("Go to the overview", "/", is_current=False)


def _page_of_form(request: PageRequest) -> str:
    """Return the path of the page that a form was sent from; empty if it is not one of ours."""
    sent_from = urlsplit(request.headers.get("referer", ""))
    is_own = sent_from.netloc == request.headers.get("host") and not sent_from.path.startswith("//")
    return sent_from.path if is_own and sent_from.path != request.url.path else ""


def _address(request: PageRequest) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


EXPLAINED: ExceptionHandlersMap = {
    ShipledgerError: explain,
    UnauthorizedError: ask_to_sign_in,
    HTTPException: explain_request,
    500: explain,
}
