"""The guard that a handler declares: which scope its caller must hold."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from schema.errors import ForbiddenError
from service.auth.caller import authenticate
from service.auth.keys import Scope

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

    return guard
