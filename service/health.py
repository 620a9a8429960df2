"""Whether the service lives, whether it can work, and figures for Prometheus."""

from litestar import MediaType, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from schema.database import Database
from schema.errors import UnavailableError
from schema.migrations import MigrationState, read_revision, state_of
from schema.queue import Queue
from service.http.request_counts import RequestCounts, backlog_gauges
from service.queries.upkeep.backlog import backlog

OPEN_TO_ALL: list[dict[str, list[str]]] = [{}]  # no key: these answer monitors, and tell counts only


@get("/health/live", security=OPEN_TO_ALL, tags=["Health"], sync_to_thread=False)
def live() -> dict[str, str]:
    """The process runs."""
    return {"status": "live"}


@get("/health/ready", security=OPEN_TO_ALL, tags=["Health"])
async def ready(database: NamedDependency[Database], queue: NamedDependency[Queue]) -> Response[dict[str, str]]:
    """Whether requests can be served: 200 when PostgreSQL answers and is migrated, 503 otherwise.

    While Redis is away the service is degraded but ready: what arrives is stored, and the workers' sweep finds it.
    """
    checks = {"postgresql": "away", "migrations": "unknown", "redis": await _redis(queue)}
    try:
        async with database.operator() as connection:
            checks["postgresql"] = "up"
            checks["migrations"] = _migrations(await read_revision(connection))
    except UnavailableError:
        checks["postgresql"] = "away"
    if checks["migrations"] != MigrationState.UP_TO_DATE:
        return Response({"status": "not ready", **checks}, status_code=503)
    return Response({"status": "degraded" if checks["redis"] == "away" else "ready", **checks})


async def _redis(queue: Queue) -> str:
    if not queue.has_redis:
        return "not used"
    return "up" if await queue.ping() else "away"


def _migrations(revision: str | None) -> str:
    """The state of the tables; while a newer version takes over, processes of this one still serve."""
    state = state_of(revision)
    return (MigrationState.UP_TO_DATE if state is MigrationState.NEWER else state).value


@get("/metrics", security=OPEN_TO_ALL, tags=["Health"], media_type=MediaType.TEXT)
async def prometheus(database: NamedDependency[Database], state: State) -> Response[bytes]:
    """Requests by route and status, and rows that wait for a worker, in Prometheus' text format."""
    counts: RequestCounts = state.request_counts
    text = generate_latest(counts.registry)
    try:
        async with database.operator() as connection:
            text += generate_latest(backlog_gauges(await backlog(connection)))
    except UnavailableError:
        pass  # the requests are still worth telling while PostgreSQL is away
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


ROUTES: list[HTTPRouteHandler] = [live, ready, prometheus]
