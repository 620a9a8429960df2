"""The guard that a handler declares: which scope its caller must hold. The caller is then its request's `auth`."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from schema.errors import ForbiddenError
from service.auth.caller import Caller, authenticate
from service.auth.key_text import Scope

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
            raise ForbiddenError(
                f"the API key lacks the scope {wanted}; create one with: shipledger key create --scope {wanted}"
            )
        connection.scope["auth"] = caller

    return guard
