"""/api/v1/repairs: what webhooks missed, asked for again by the workers."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody

from schema.database import Database
from schema.errors import ConflictError
from schema.failures import failure_sentence, standing_of
from schema.queue import Job, Queue
from schema.repairs import renew_checks
from service.auth.caller import Caller
from service.auth.guards import requires
from service.connections.names import ConnectionName, own_connection
from service.contracts.repair import NewRepair, RepairList, RepairShown
from service.queries.forge.repairs import ask_for, find_subjects, read_repairs


@post(
    "/api/v1/repairs",
    guards=[requires("admin")],
    status_code=202,
    summary="Look for what webhooks missed",
    tags=["connections"],
)
async def begin_repair(
    data: JSONBody[NewRepair],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Response[RepairList]:
    """Workers check at once, beside the times at which they do so by themselves."""
    wanted = own_connection(caller.organization_id, data.connection)
    async with database.organization(caller.organization_id) as tenant:
        await renew_checks(tenant)
        subjects = await find_subjects(tenant, data.forge, wanted)
        if not subjects:
            raise ConflictError(
                f"no connection to {data.forge} has access to look for missed webhooks; set a token with PUT "
                f"/api/v1/connections/{id}/token"
            )
        await ask_for(tenant, subjects)
        rows = await read_repairs(tenant, subjects)
    wake_up = BackgroundTask(queue.wake, Job.REPAIR, caller.organization_id)
    items = [repair_shown(caller.organization_id, row) for row in rows]
    return Response(RepairList(items), status_code=202, background=wake_up)


@get("/api/v1/repairs", guards=[requires("read")], summary="Checks for what webhooks missed", tags=["connections"])
async def list_repairs(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> RepairList:
    """How each kind of check of each connection fares, and what it found and brought back."""
    async with database.organization(caller.organization_id) as tenant:
        rows = await read_repairs(tenant)
    return RepairList([repair_shown(caller.organization_id, row) for row in rows])


def repair_shown(organization_id: int, row: Mapping[str, Any]) -> RepairShown:
    """A check as it is shown."""
    name = str(ConnectionName(organization_id, row["subject_id"]))
    failure = row["failure"]
    is_running = row["requested_at"] is not None
    return RepairShown(
        state="running" if is_running else standing_of(failure, otherwise="well"),
        reason=None if is_running else failure_sentence(failure),
        last_success_at=row["succeeded_at"],
        next_at=row["next_attempt_at"],
        connection=None if row["is_app"] else name,
        github_app=name if row["is_app"] else None,
        **{each: row[each] for each in ("kind", "found", "asked_again", "recovered", "missing", "hooks_mended")},
    )


ROUTES = [begin_repair, list_repairs]
