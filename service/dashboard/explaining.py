"""Error pages."""

from typing import Any

from litestar import Request, Response
from litestar.types import ExceptionHandlersMap

from schema.errors import ShipledgerError
from service.dashboard.answers import message


def explain(_request: Request[Any, Any, Any], error: ShipledgerError) -> Response[str]:
    """Show a Shipledger error as a page."""
    sentence = f"{error.field}: {error.detail}" if error.field else error.detail
    return message(error.status, error.title, f"{sentence[:1].upper()}{sentence[1:].rstrip('.')}.")


EXPLAINED: ExceptionHandlersMap = {ShipledgerError: explain}
