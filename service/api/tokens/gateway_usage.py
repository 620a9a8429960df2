"""POST /api/v1/gateway-usage: model requests of gateways that count bytes."""

from litestar import Response, post
from litestar.background_tasks import BackgroundTask, BackgroundTasks
from litestar.di import NamedDependency
from litestar.params import JSONBody

from schema.queue import Job, Queue
from service.auth.caller import Caller
from service.auth.guards import requires
from service.contracts.gateway_usage import GatewayUsageBatch, GatewayUsageReceipt
from service.gateway.intake import DEPENDENCIES, GatewayIntake


@post(
    "/api/v1/gateway-usage",
    status_code=200,
    guards=[requires("intake")],
    dependencies=DEPENDENCIES,
    summary="Send model requests of a gateway",
    tags=["intake"],
)
async def take_gateway_usage(
    data: JSONBody[GatewayUsageBatch],
    caller: NamedDependency[Caller],
    gateway_intake: NamedDependency[GatewayIntake],
    queue: NamedDependency[Queue],
) -> Response[GatewayUsageReceipt]:
    """Store model requests, all or none. An `event_id` that was sent before is not counted again.

    Requests with `input_tokens` and `output_tokens` count as measured, with the source `gateway`. Tokens of the others
    are estimated from their bytes, with a calibration of the same model, provider or all models. Without a calibration
    they are not counted; `/api/v1/coverage` shows how many. Estimated input counts as `input_uncached`, estimated
    output as `output_visible`.
    """
    added = await gateway_intake.add(caller, data)
    new = sum(added)
    receipt = GatewayUsageReceipt(
        received=len(data.items),
        measured=added.measured,
        to_estimate=added.to_estimate,
        duplicates=len(data.items) - new,
    )
    wake_ups = [
        BackgroundTask(queue.wake, job, caller.organization_id)
        for job in (Job.FOLD_TOKEN_EVENTS, Job.ESTIMATE_GATEWAY_TOKENS)
    ]
    return Response(receipt, background=BackgroundTasks(wake_ups) if new else None)


ROUTES = [take_gateway_usage]
