"""Liveness, readiness and Prometheus metrics."""

from litestar import MediaType, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from schema.database import Database
from schema.errors import UnavailableError
from schema.queue import Queue
from service.administration.migrations import MigrationState, read_revision, state_of
from service.http.request_counts import RequestCounts, backlog_gauges
from service.queries.upkeep.backlog import backlog

OPEN_TO_ALL: list[dict[str, list[str]]] = [{}]  # no key: for monitoring, and they return only counts


@get("/health/live", summary="Check that the process runs", security=OPEN_TO_ALL, tags=["Health"], sync_to_thread=False)
def live() -> dict[str, str]:
    """Return 200 while the process runs."""
    return {"status": "live"}


@get("/health/ready", summary="Check that the service is ready", security=OPEN_TO_ALL, tags=["Health"])
async def ready(database: NamedDependency[Database], queue: NamedDependency[Queue]) -> Response[dict[str, str]]:
    """Return 200 if PostgreSQL answers and is migrated, otherwise 503.

    Without Redis the service is degraded but ready: it stores what arrives, and the workers' sweep finds it.
    """
    checks = {"postgresql": "unreachable", "migrations": "unknown", "redis": await _redis(queue)}
    try:
        async with database.operator() as connection:
            checks["postgresql"] = "up"
            checks["migrations"] = _migrations(await read_revision(connection))
    except UnavailableError:
        checks["postgresql"] = "unreachable"
    if checks["migrations"] != MigrationState.UP_TO_DATE:
        return Response({"status": "not ready", **checks}, status_code=503)
    return Response({"status": "degraded" if checks["redis"] == "unreachable" else "ready", **checks})


async def _redis(queue: Queue) -> str:
    if not queue.has_redis:
        return "not used"
    return "up" if await queue.ping() else "unreachable"


def _migrations(revision: str | None) -> str:
    """Return the state of the tables. A newer state counts as up to date, so that a rolling upgrade keeps serving."""
    state = state_of(revision)
    return (MigrationState.UP_TO_DATE if state is MigrationState.NEWER else state).value


@get("/metrics", summary="Get Prometheus metrics", security=OPEN_TO_ALL, tags=["Health"], media_type=MediaType.TEXT)
async def prometheus(database: NamedDependency[Database], state: State) -> Response[bytes]:
    """Return requests by route and status, and rows waiting for a worker, in Prometheus' text format."""
    counts: RequestCounts = state.request_counts
    text = generate_latest(counts.registry)
    try:
        async with database.operator() as connection:
            text += generate_latest(backlog_gauges(await backlog(connection)))
    except UnavailableError:
        pass  # report requests even while PostgreSQL is down
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


ROUTES: list[HTTPRouteHandler] = [live, ready, prometheus]
