"""POST /api/v1/pull-requests and /api/v1/releases, and the progress of each import."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from key_services.configured import ring_of
from schema.contracts.pull_request import PullRequestBatch
from schema.contracts.release import ReleaseBatch
from schema.database import Database
from schema.encryption import Vault
from schema.errors import NotFoundError
from schema.kinds import ImportEvent, ItemOutcome, RowState
from schema.queue import Job, Queue
from schema.settings import Settings
from service.api.forge.import_checks import check_pull_requests, check_releases
from service.auth.caller import Caller
from service.auth.guards import requires
from service.contracts.imports import ImportAccepted, ImportShown, ItemShown
from service.queries.forge.imports import read_import, store_import


@post(
    "/api/v1/pull-requests",
    status_code=202,
    guards=[requires("intake")],
    summary="Send pull requests",
    tags=["intake"],
)
async def take_pull_requests(
    data: JSONBody[PullRequestBatch],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Response[ImportAccepted]:
    """Import pull requests: the whole bulk is accepted or refused. Sending it again changes nothing.

    Workers record the items afterwards; follow the import at `/api/v1/imports/{import_id}`.
    """
    check_pull_requests(data.items)
    return await _accept(caller.organization_id, settings, database, queue, ImportEvent.PULL_REQUESTS, data)


@post("/api/v1/releases", status_code=202, guards=[requires("intake")], summary="Send releases", tags=["intake"])
async def take_releases(
    data: JSONBody[ReleaseBatch],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Response[ImportAccepted]:
    """Import releases: the whole bulk is accepted or refused. Sending it again changes nothing.

    Workers record the items afterwards; follow the import at `/api/v1/imports/{import_id}`.
    """
    check_releases(data.items)
    return await _accept(caller.organization_id, settings, database, queue, ImportEvent.RELEASES, data)


@get("/api/v1/imports/{import_id:uuid}", guards=[requires("intake")], summary="Get an import", tags=["intake"])
async def show_import(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    import_id: Annotated[UUID, PathParameter(description="Id of an import")],
) -> ImportShown:
    """Get the progress of an import and the outcome of each item: new, changed, same, or refused with a reason."""
    async with database.organization(caller.organization_id) as tenant:
        row = await read_import(tenant, import_id)
    if row is None:
        raise NotFoundError("There is no import with this id.", field="import_id")
    return import_shown(row)


async def _accept(
    organization_id: int,
    settings: Settings,
    database: Database,
    queue: Queue,
    event: ImportEvent,
    data: PullRequestBatch | ReleaseBatch,
) -> Response[ImportAccepted]:
    """Store the items as one encrypted row, without fields unknown to the contract; wake a worker afterwards."""
    import_id = uuid4()
    bodies = Vault(ring_of(settings), "body")
    sealed = await asyncio.to_thread(lambda: bodies.seal(organization_id, msgspec.json.encode(data)))
    async with database.organization(organization_id) as tenant:
        await store_import(tenant, import_id, event, sealed, len(data.items))
    wake_up = BackgroundTask(queue.wake_together, Job.PROCESS_DELIVERIES, organization_id)
    return Response(ImportAccepted(str(import_id)), status_code=202, background=wake_up)


def import_shown(row: Mapping[str, Any]) -> ImportShown:
    """Convert a row to the API's contract."""
    state = _state(row)
    counts = Counter[str](row["outcomes"] or ())
    failure = None
    if state == "failed":
        letter = f"delivery:{row['delivery_id']}"
        failure = f"Workers gave up after {row['attempts']} attempts. Run: shipledger dead-letters replay {letter}"
    return ImportShown(
        import_id=str(row["import_id"]),
        state=state,
        received_at=row["received_at"],
        received=row["received"],
        new=counts[ItemOutcome.NEW],
        changed=counts[ItemOutcome.CHANGED],
        same=counts[ItemOutcome.SAME],
        refused=counts[ItemOutcome.REFUSED],
        failure=failure,
        items=[
            ItemShown(index, outcome, reason)
            for index, (outcome, reason) in enumerate(zip(row["outcomes"] or (), row["reasons"] or (), strict=True))
        ],
    )


def _state(row: Mapping[str, Any]) -> Literal["received", "processing", "done", "failed"]:
    if row["state"] == RowState.DEAD:
        return "failed"
    if row["state"] != RowState.WAITING:
        return "done"
    return "received" if row["begun_at"] is None else "processing"


ROUTES = [take_pull_requests, take_releases, show_import]
