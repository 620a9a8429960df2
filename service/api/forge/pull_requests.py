"""POST /api/v1/pull-requests: life cycles of pull requests from elsewhere, for other forges and imports."""

from litestar import Response, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody

from schema.contracts.pull_request import ImportReceipt, PullRequestBatch
from schema.database import Database
from schema.organizations import OrganizationKeys
from schema.queue import Job, Queue
from service.auth.caller import Caller
from service.auth.guards import requires
from service.queries.forge.import_pull_requests import import_pull_requests


@post(
    "/api/v1/pull-requests",
    status_code=200,
    guards=[requires("intake")],
    summary="Send pull requests",
    tags=["intake"],
)
async def take_pull_requests(
    data: JSONBody[PullRequestBatch],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
    queue: NamedDependency[Queue],
) -> Response[ImportReceipt]:
    """Store a bulk of pull requests, all or none; the same bulk sent again changes nothing."""
    hasher = await organization_keys.hasher(caller.organization_id)
    async with database.organization(caller.organization_id) as tenant:
        imported = await import_pull_requests(tenant, hasher, data.items)
    wake_up = BackgroundTask(queue.wake, Job.SETTLE_DAYS, caller.organization_id)
    receipt = ImportReceipt(received=len(data.items), changed=imported.changed)
    return Response(receipt, background=wake_up if imported.is_stale else None)


ROUTES = [take_pull_requests]
