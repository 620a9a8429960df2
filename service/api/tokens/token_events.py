"""POST /api/v1/token-events: normalised token events, for sources without OTLP."""

from litestar import Response, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody

from schema.queue import Job, Queue
from service.auth.caller import Caller
from service.auth.guards import requires
from service.contracts.token_event import TokenEventBatch, TokenEventReceipt
from service.telemetry.bulk import read_bulk
from service.telemetry.intake import DEPENDENCIES, FEW_ROWS, TokenIntake


@post(
    "/api/v1/token-events",
    status_code=200,
    guards=[requires("intake")],
    dependencies=DEPENDENCIES,
    summary="Send token events",
    tags=["intake"],
)
async def take_token_events(
    data: JSONBody[TokenEventBatch],
    caller: NamedDependency[Caller],
    token_intake: NamedDependency[TokenIntake],
    queue: NamedDependency[Queue],
) -> Response[TokenEventReceipt]:
    """Store token events; an invalid one refuses the whole body.

    After status 503 send the body again: large ones may be stored in part, and no event is counted twice.

    An `event_id` that was sent before is not counted again, nor a `request_id` that the agent's telemetry reported.
    """
    few = len(data.items) + len(data.left_out) <= FEW_ROWS
    _, added = await token_intake.read_and_add(caller, lambda: read_bulk(data), few=few)
    receipt = TokenEventReceipt(received=len(data.items), added=added, duplicates=len(data.items) - added)
    wake_up = BackgroundTask(queue.wake, Job.FOLD_TOKEN_EVENTS, caller.organization_id)
    names_work = any(item.number or item.commit or item.artifact_id for item in data.items)
    return Response(receipt, background=wake_up if added or names_work else None)


ROUTES = [take_token_events]
