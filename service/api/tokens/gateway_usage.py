"""POST /api/v1/gateway-usage: model requests as gateways log them that count bytes."""

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
    summary="Send bytes of model requests",
    tags=["intake"],
)
async def take_gateway_usage(
    data: JSONBody[GatewayUsageBatch],
    caller: NamedDependency[Caller],
    gateway_intake: NamedDependency[GatewayIntake],
    queue: NamedDependency[Queue],
) -> Response[GatewayUsageReceipt]:
    """Store a bulk of requests, all or none; what was sent before under one `event_id` is not counted again.

    Requests that tell `input_tokens` and `output_tokens` count as measured, with source `gateway`. Of the others tokens
    are estimated from their bytes, by a calibration fitted on requests of the same model that tell theirs, else of its
    provider, else of all; where there is none, nothing is counted, and coverage says of how many requests. Estimated
    input counts as `input_uncached`, since bytes do not tell what was cached, and estimated output as `output_visible`.
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
