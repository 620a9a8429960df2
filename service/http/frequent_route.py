"""Handlers of frequent requests, without the work that Litestar repeats per request."""

from functools import cached_property
from typing import Any

from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp
from litestar.types.composite_types import ExceptionHandlersMap

from service.http.encoded import Encoded


class FrequentRoute(HTTPRouteHandler):
    """A handler that Litestar does not copy for its guards on each request."""

    async def authorize_connection(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Run the guards on the handler itself, as our guards do not change it."""
        for guard in self.resolve_guards():
            await guard(connection, self)  # type: ignore[misc]  # Litestar lets a guard be a plain function too

    async def to_response(self, app: Litestar, data: Any, request: Request[Any, Any, Any]) -> ASGIApp:
        """Return an encoded response as it is."""
        return data if isinstance(data, Encoded) else await super().to_response(app, data, request)

    def resolve_exception_handlers(self) -> ExceptionHandlersMap:
        """Return the handlers of all layers, collected once."""
        return self._exception_handlers

    @cached_property
    def _exception_handlers(self) -> ExceptionHandlersMap:
        return super().resolve_exception_handlers()


def frequent_get(path: str, **options: Any) -> FrequentRoute:
    """Declare a GET handler for frequent requests, like Litestar's `get`."""
    return FrequentRoute(path, http_method=HttpMethod.GET, **options)
