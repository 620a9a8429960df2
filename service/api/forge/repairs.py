"""/api/v1/repairs: checks for missed webhooks."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody

from schema.database import Database
from schema.queue import Job, Queue
from service.auth.caller import Caller
from service.auth.guards import requires
from service.connections.names import ConnectionName, own_connection
from service.contracts.repair import NewRepair, RepairList, RepairShown
from service.errors import ConflictError
from service.failures import failure_sentence, standing_of
from service.queries.forge.repairs import read_repairs, request_checks


@post(
    "/api/v1/repairs",
    guards=[requires("admin")],
    status_code=202,
    summary="Check for missed webhooks now",
    tags=["connections"],
)
async def begin_repair(
    data: JSONBody[NewRepair],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Response[RepairList]:
    """Start the checks now, in addition to their schedule."""
    wanted = own_connection(caller.organization_id, data.connection)
    async with database.organization(caller.organization_id) as tenant:
        subjects = await request_checks(tenant, data.forge, wanted)
        if not subjects:
            raise ConflictError(
                f"no connection to {data.forge} has the access that these checks need; set a token: "
                "PUT /api/v1/connections/{id}/token"
            )
        rows = await read_repairs(tenant, subjects)
    wake_up = BackgroundTask(queue.wake, Job.REPAIR, caller.organization_id)
    items = [repair_shown(caller.organization_id, row) for row in rows]
    return Response(RepairList(items), status_code=202, background=wake_up)


@get("/api/v1/repairs", guards=[requires("read")], summary="List checks for missed webhooks", tags=["connections"])
async def list_repairs(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> RepairList:
    """List the checks of each connection: their state, and how many missed webhooks they found and recovered."""
    async with database.organization(caller.organization_id) as tenant:
        rows = await read_repairs(tenant)
    return RepairList([repair_shown(caller.organization_id, row) for row in rows])


def repair_shown(organization_id: int, row: Mapping[str, Any]) -> RepairShown:
    """Convert a row to the API's contract."""
    name = str(ConnectionName(organization_id, row["subject_id"]))
    failure = row["failure"]
    is_running = row["requested_at"] is not None
    return RepairShown(
        state="running" if is_running else standing_of(failure, otherwise="healthy"),
        reason=None if is_running else failure_sentence(failure),
        last_success_at=row["succeeded_at"],
        next_at=row["next_attempt_at"],
        connection=None if row["is_app"] else name,
        github_app=name if row["is_app"] else None,
        **{key: row[key] for key in ("kind", "found", "redelivery_requests", "recovered", "missing", "hooks_repaired")},
    )


ROUTES = [begin_repair, list_repairs]
