"""Handlers of frequent requests, without work that Litestar would repeat for each of them."""

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
    """A handler that is not copied for its guards at each request."""

    async def authorize_connection(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Run the guards on the handler itself; ours do not change it."""
        for guard in self.resolve_guards():
            await guard(connection, self)  # type: ignore[misc]  # Litestar lets a guard be a plain function too

    async def to_response(self, app: Litestar, data: Any, request: Request[Any, Any, Any]) -> ASGIApp:
        """The handler's answer, sent as it is where it is encoded."""
        return data if isinstance(data, Encoded) else await super().to_response(app, data, request)

    def resolve_exception_handlers(self) -> ExceptionHandlersMap:
        """Those of all layers, gathered once."""
        return self._exception_handlers

    @cached_property
    def _exception_handlers(self) -> ExceptionHandlersMap:
        return super().resolve_exception_handlers()


def frequent_get(path: str, **options: Any) -> FrequentRoute:
    """`get` for frequent requests."""
    return FrequentRoute(path, http_method=HttpMethod.GET, **options)
