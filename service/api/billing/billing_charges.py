"""POST /api/v1/billing-charges: providers' bills, one billing period at a time."""

from litestar import Response, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody

from schema.database import Database
from schema.organization_keys import OrganizationKeys
from schema.queue import Job, Queue
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import require_whole_organization
from service.contracts.billing import BillBatch, BillReceipt
from service.queries.billing.import_bills import import_bills


@post(
    "/api/v1/billing-charges",
    status_code=200,
    guards=[requires("intake")],
    summary="Send bills",
    tags=["intake"],
)
async def take_billing_charges(
    data: JSONBody[BillBatch],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
    queue: NamedDependency[Queue],
) -> Response[BillReceipt]:
    """Store bills, all or none.

    A bill replaces everything stored for its account and billing period. Sending it again changes nothing.
    """
    require_whole_organization(caller)
    hasher = await organization_keys.hasher(caller.organization_id)
    async with database.organization(caller.organization_id) as tenant:
        imported = await import_bills(tenant, hasher, data.items)
    wake_up = BackgroundTask(queue.wake, Job.RECONCILE_DAYS, caller.organization_id)
    receipt = BillReceipt(received=len(data.items), changed=imported.bills, charges=imported.charges)
    return Response(receipt, background=wake_up if imported.bills else None)


ROUTES = [take_billing_charges]
