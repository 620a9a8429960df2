"""Guards that require a scope of the caller, and store the caller as the request's `auth`.

What is changed with the scope admin is noted in the audit log.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from service.audit.acts import mark_act
from service.auth.caller import Caller, authenticate
from service.auth.key_text import Scope
from service.errors import ForbiddenError

ApiRequest: TypeAlias = Request[Any, Caller, State]
Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


def requires(scope: str) -> Guard:
    """Create a guard that accepts keys with `scope`.

    It raises UnauthorizedError without a valid key, and ForbiddenError if the key lacks the scope.
    """
    required = Scope(scope)

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        caller = await authenticate(connection)
        if not caller.may(required):
            raise ForbiddenError(
                f"the API key lacks the scope {required}; create one with: shipledger key create --scope {required}"
            )
        connection.scope["auth"] = caller
        if required is Scope.ADMIN:
            mark_act(connection.scope, caller.organization_id, caller.actor)

    return guard
