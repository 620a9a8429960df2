"""The guard that a handler declares: which scope its caller must hold. The caller is then its request's `auth`."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.enums import HttpMethod
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from schema.errors import ForbiddenError
from service.auth.caller import Caller, authenticate
from service.auth.keys import Scope

ApiRequest: TypeAlias = Request[Any, Caller, State]
Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


def requires(scope: str) -> Guard:
    """A guard that lets through keys holding `scope`.

    It raises UnauthorizedError without a valid key and ForbiddenError when the key lacks the scope.
    """
    wanted = Scope(scope)

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        caller = await authenticate(connection)
        if not caller.may(wanted):
            raise ForbiddenError(f"the API key lacks the scope {wanted}; make one with: shipledger key create")
        connection.scope["auth"] = caller

    return guard


class FrequentRoute(HTTPRouteHandler):
    """A handler for what is asked often: Litestar would copy it for its guards at each request."""

    async def authorize_connection(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Run the guards on the handler itself; ours leave it as it is."""
        for guard in self.resolve_guards():
            await guard(connection, self)  # type: ignore[misc]  # Litestar lets a guard be a plain function too


def frequent_get(path: str, **options: Any) -> FrequentRoute:
    """`get` for endpoints that are asked often."""
    return FrequentRoute(path, http_method=HttpMethod.GET, **options)
