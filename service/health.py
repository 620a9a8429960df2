"""Liveness, readiness and Prometheus metrics."""

from contextlib import suppress
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from schema.database import Database
from schema.errors import UnavailableError
from service.administration.readiness import REDIS, UNREACHABLE, Readiness, is_ready
from service.auth.caller import Caller
from service.auth.guards import requires
from service.http.problems import helpful
from service.http.request_counts import RequestCounts, backlog_gauges
from service.queries.upkeep.backlog import Waiting, backlog, backlog_of

OPEN_TO_ALL: list[dict[str, list[str]]] = [{}]  # no key: for monitoring, and they return only counts


@get("/health/live", summary="Check that the process runs", security=OPEN_TO_ALL, tags=["Health"], sync_to_thread=False)
def live() -> dict[str, str]:
    """Return 200 while the process runs."""
    return {"status": "live"}


@get("/health/ready", summary="Check that the service is ready", security=OPEN_TO_ALL, tags=["Health"])
async def ready(state: State) -> Response[dict[str, str]]:
    """Return 200 if PostgreSQL takes rows, is migrated, and the secret key fits its data; otherwise 503.

    Without Redis the service is degraded but ready: it stores what arrives, and the workers' sweep finds it.
    """
    readiness: Readiness = state.readiness
    checks = await readiness.checks()
    if not is_ready(checks):
        return Response({"status": "not ready", **checks}, status_code=503, headers=helpful(503))
    return Response({"status": "degraded" if checks[REDIS] == UNREACHABLE else "ready", **checks})


_requires_read = requires("read")


async def guard_metrics(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Require a key with the scope read, or the port for Prometheus where there is one.

    Raises NotFoundException on the other port.
    """
    port = connection.app.state.settings.metrics_port
    if port is None:
        await _requires_read(connection, handler)
    elif (connection.scope.get("server") or ("", None))[1] != port:
        raise NotFoundException


@get("/metrics", summary="Get Prometheus metrics", guards=[guard_metrics], tags=["Health"], media_type=MediaType.TEXT)
async def prometheus(
    request: Request[Any, Any, State], database: NamedDependency[Database], state: State
) -> Response[bytes]:
    """Return requests by route and status, and rows waiting for a worker, in Prometheus' text format.

    With a key, the rows are those of its organization; on the port for Prometheus, those of all.
    """
    counts: RequestCounts = state.request_counts
    caller: Caller | None = request.scope.get("auth")
    text = generate_latest(counts.registry)
    with suppress(UnavailableError):  # report requests even while PostgreSQL is down
        text += generate_latest(backlog_gauges(await _waiting(database, caller)))
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _waiting(database: Database, caller: Caller | None) -> list[Waiting]:
    if caller is None:
        async with database.nobody() as connection:
            return await backlog(connection)
    async with database.organization(caller.organization_id) as tenant:
        return await backlog_of(tenant)


ROUTES: list[HTTPRouteHandler] = [live, ready, prometheus]
