"""Error handler: turns every error into an RFC 9457 problem document without internal details."""

import re
import traceback
from http import HTTPStatus
from pathlib import Path
from typing import Any

import asyncpg
import structlog
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from schema.errors import SetUpError, ShipledgerError, TooManyRequestsError, UnavailableError
from service.http.problem_documents import MEDIA_TYPE, problem_document
from service.http.query_parameters import allowed_values

logger = structlog.get_logger()

RETRY_SECONDS = "5"
PROJECT = Path(__file__).resolve().parents[2]
OURS = ("schema", "service")

# Only this message of msgspec contains the invalid value; errors must never repeat what was sent.
_VALUE = re.compile(r"^Invalid enum value .*$", re.DOTALL)
# For a missing or unknown field, only the message names the field.
_MISSING = re.compile(r"^Object missing required field `(?P<name>[^`]*)`")
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<name>[^`]*)`")


def handle_error(request: Request[Any, Any, State], error: Exception) -> Response[dict[str, Any]]:
    """Answer any error raised while a request was handled."""
    if (known := readable(error)) is not None:
        headers = helpful(known.status, known)
        return problem(known.status, known.title, known.detail, field=known.field, headers=headers)
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return framework_problem(request, error)
    if isinstance(error, RecursionError):
        # Only deeply nested JSON gets here; no endpoint reads such a body.
        return problem(400, "Bad input", "the body is nested too deeply; see /schema")
    log_unexpected(error)
    return problem(500, "Internal error", "an internal error occurred and was logged; try again")


def readable(error: Exception) -> ShipledgerError | None:
    """Return the error that a client reads, None for an unexpected one. Log what an operator has to mend."""
    if isinstance(error, SetUpError):
        # Its detail names a setting, which is nothing for strangers.
        logger.error("not_set_up", detail=error.detail)
        return UnavailableError("the service is not set up correctly; its log says what to change")
    if isinstance(error, asyncpg.TransactionRollbackError):
        log_unexpected(error)
        return UnavailableError("two requests changed the same rows at once; try again in a moment")
    if not isinstance(error, ShipledgerError):
        return None
    # The database's handle has logged an outage, once for all requests.
    is_logged = isinstance(error, UnavailableError) and error.remedy
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not is_logged:
        log_unexpected(error)
    return error


def problem(
    status: int, title: str, detail: str, *, field: str | None = None, headers: dict[str, str] | None = None
) -> Response[dict[str, Any]]:
    """Return a problem document: type, title, status, detail, and `field` if one part of the request is wrong."""
    content = problem_document(status, title, detail, field)
    return Response(content, status_code=status, media_type=MEDIA_TYPE, headers={**helpful(status), **(headers or {})})


def helpful(status: int, error: ShipledgerError | None = None) -> dict[str, str]:
    """Return headers that tell a client what to do next."""
    if isinstance(error, TooManyRequestsError):
        return {"Retry-After": str(error.seconds)}
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": RETRY_SECONDS}
    return {}


def framework_problem(request: Request[Any, Any, State], error: HTTPException) -> Response[dict[str, Any]]:
    """Convert an error of Litestar or msgspec: a bad parameter or body (400 with the field), 404, 405, 413."""
    title = HTTPStatus(error.status_code).phrase.capitalize()
    if error.status_code == HTTPStatus.BAD_REQUEST:
        field, detail = what_is_wrong(request, error)
        return problem(400, "Bad input", detail, field=field)
    detail = {
        404: "there is no such route; see /schema",
        405: "this route does not support the method; see /schema",
    }.get(error.status_code, title.lower())
    return problem(error.status_code, title, detail, headers=error.headers)


def what_is_wrong(request: Request[Any, Any, State], error: HTTPException) -> tuple[str | None, str]:
    """Return the invalid field and the remedy, from the first message of a failed validation."""
    complaints = error.extra if isinstance(error.extra, list) else []
    if not complaints:
        return None, "the request cannot be read; send JSON as described at /schema"
    place = str(complaints[0].get("key") or "data")
    # Litestar takes a path parameter whose name begins with "data" for a part of the body.
    is_parameter = complaints[0].get("source") == "query" or place in request.path_params
    if is_parameter and (allowed := allowed_values(request, place)):
        return place, allowed
    message = str(complaints[0].get("message", "is not valid"))
    for pattern, remedy in ((_MISSING, "is missing"), (_UNKNOWN, "is not a known field")):
        if match := pattern.match(message):
            return named(f"{place}.{match['name']}"), f"{remedy}; see /schema"
    message = _VALUE.sub("is not one of the allowed values", message)
    return named(place), f"{message[0].lower()}{message[1:]}; see /schema"


def named(place: str) -> str:
    """Return a field's path as the sender knows it, without our name for the body."""
    return "body" if place == "data" else place.removeprefix("data.")


def log_unexpected(error: BaseException) -> None:
    """Log an error's type and place in our code; never its message or values, which may be private."""
    cause = type(error.__cause__).__name__ if error.__cause__ else None
    logger.error("request_failed", error=type(error).__name__, cause=cause, at=places(error))


def places(error: BaseException) -> list[str]:
    """Return `file:line function` of the frames in our code, outermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    return [
        f"{Path(frame.filename).relative_to(PROJECT)}:{frame.lineno} {frame.name}"
        for frame in frames
        if any(Path(frame.filename).is_relative_to(PROJECT / package) for package in OURS)
    ]
