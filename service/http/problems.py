"""One handler turns every error into an RFC 9457 problem, and says nothing of what happened inside."""

import re
import traceback
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from schema.errors import ShipledgerError

logger = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "5"
PROJECT = Path(__file__).resolve().parents[2]
OURS = ("schema", "service")

# msgspec repeats the offending value in this one message; an error never repeats what was sent.
_VALUE = re.compile(r"^Invalid enum value .*$", re.DOTALL)
# A field that is not where it should be, or is where none should be, is named in the message alone.
_MISSING = re.compile(r"^Object missing required field `(?P<name>[^`]*)`")
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<name>[^`]*)`")


def handle_error(_: Request[Any, Any, State], error: Exception) -> Response[dict[str, Any]]:
    """Answer any error raised while a request was handled."""
    if isinstance(error, ShipledgerError):
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log_unexpected(error)
        return problem(error.status, error.title, error.detail, field=error.field)
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return framework_problem(error)
    if isinstance(error, RecursionError):
        # Only JSON nested beyond reason gets here; nothing that any endpoint reads is deep.
        return problem(400, "Bad input", "the body is nested too deeply; see /schema")
    log_unexpected(error)
    return problem(500, "Internal error", "an internal error occurred and was logged; try again")


def problem(
    status: int, title: str, detail: str, *, field: str | None = None, headers: dict[str, str] | None = None
) -> Response[dict[str, Any]]:
    """A problem document: type, title, status, detail, and `field` where one part of the request is to blame."""
    content = {
        "type": f"urn:shipledger:problem:{title.lower().replace(' ', '-')}",
        "title": title,
        "status": status,
        "detail": f"{field} {detail}" if field and not detail.startswith(field) else detail,
    }
    if field:
        content["field"] = field
    return Response(content, status_code=status, media_type=MEDIA_TYPE, headers={**helpful(status), **(headers or {})})


def helpful(status: int) -> dict[str, str]:
    """Headers that tell a client how to go on."""
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": RETRY_SECONDS}
    return {}


def framework_problem(error: HTTPException) -> Response[dict[str, Any]]:
    """An error of Litestar or msgspec: a bad parameter or body (400 naming the field), 404, 405, 413."""
    title = HTTPStatus(error.status_code).phrase.capitalize()
    if error.status_code == HTTPStatus.BAD_REQUEST:
        field, detail = what_is_wrong(error)
        return problem(400, "Bad input", detail, field=field)
    detail = {
        404: "there is nothing here; the routes are listed at /schema",
        405: "this route does not answer that method; see /schema",
    }.get(error.status_code, title.lower())
    return problem(error.status_code, title, detail, headers=error.headers)


def what_is_wrong(error: HTTPException) -> tuple[str | None, str]:
    """The field to blame and the remedy, from the first complaint of a failed validation."""
    complaints = error.extra if isinstance(error.extra, list) else []
    if not complaints:
        return None, "the request cannot be read; send JSON as described at /schema"
    place = str(complaints[0].get("key") or "data")
    message = str(complaints[0].get("message", "is not valid"))
    for pattern, remedy in ((_MISSING, "is missing"), (_UNKNOWN, "is not a field that is known here")):
        if match := pattern.match(message):
            return named(f"{place}.{match['name']}"), f"{remedy}; see /schema"
    message = _VALUE.sub("is none of the allowed values", message)
    return named(place), f"{message[0].lower()}{message[1:]}; see /schema"


def named(place: str) -> str:
    """A place in a request as its sender knows it: our own name of the body is not part of it."""
    return "body" if place == "data" else place.removeprefix("data.")


def log_unexpected(error: BaseException) -> None:
    """Log the type and where in our own code it came from; messages and values may hold what must not be kept."""
    cause = type(error.__cause__).__name__ if error.__cause__ else None
    logger.error("request_failed", error=type(error).__name__, cause=cause, at=places(error))


def places(error: BaseException) -> list[str]:
    """`file:line function` of our own frames, outermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    return [
        f"{Path(frame.filename).relative_to(PROJECT)}:{frame.lineno} {frame.name}"
        for frame in frames
        if any(Path(frame.filename).is_relative_to(PROJECT / package) for package in OURS)
    ]
