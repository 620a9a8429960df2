"""Errors as pages, since a person is looking."""

from typing import Any

from litestar import Request, Response
from litestar.types import ExceptionHandlersMap

from schema.errors import ShipledgerError
from service.dashboard.answers import message


def explain(_request: Request[Any, Any, Any], error: ShipledgerError) -> Response[str]:
    """One clear page for an error of ours."""
    said = f"{error.field}: {error.detail}" if error.field else error.detail
    return message(error.status, error.title, f"{said[:1].upper()}{said[1:]}.")


EXPLAINED: ExceptionHandlersMap = {ShipledgerError: explain}
