"""POST /v1/logs, /v1/metrics and /v1/traces: OTLP/HTTP as protobuf or JSON, uncompressed, gzip or deflate."""

from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, Router, post
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import State
from litestar.di import NamedDependency

from schema.queue import Job, Queue
from schema.settings import Settings
from service.auth.caller import Caller
from service.auth.guards import requires
from service.http.compressed_bodies import inflate, read_body
from service.telemetry.answers import encoding_of, error_response, success_response
from service.telemetry.counts import intake_counts
from service.telemetry.intake import DEPENDENCIES, TokenIntake
from service.telemetry.otlp.decode import decode
from service.telemetry.otlp.records import Signal
from service.telemetry.reading.normalised import Readings
from service.telemetry.sources.registry import WANTED, read_all

OtlpRequest = Request[Any, Any, State]

# A larger body is inflated and read in a thread, so that it does not delay other requests.
SMALL_BODY = 32 * 1024


@post("/logs", summary="Send OTLP logs", status_code=200, guards=[requires("intake")], request_max_body_size=None)
async def take_logs(
    request: OtlpRequest,
    settings: NamedDependency[Settings],
    caller: NamedDependency[Caller],
    token_intake: NamedDependency[TokenIntake],
    queue: NamedDependency[Queue],
) -> Response[bytes]:
    """Receive OTLP logs and store the token events of known agents, each once. All other records are dropped unread."""
    return await receive(Signal.LOGS, request, settings, caller, token_intake, queue)


@post("/metrics", summary="Send OTLP metrics", status_code=200, guards=[requires("intake")], request_max_body_size=None)
async def take_metrics(
    request: OtlpRequest,
    settings: NamedDependency[Settings],
    caller: NamedDependency[Caller],
    token_intake: NamedDependency[TokenIntake],
    queue: NamedDependency[Queue],
) -> Response[bytes]:
    """Receive OTLP metrics and store token counters and histograms that no finer signal covers. The rest is dropped."""
    return await receive(Signal.METRICS, request, settings, caller, token_intake, queue)


@post("/traces", summary="Send OTLP traces", status_code=200, guards=[requires("intake")], request_max_body_size=None)
async def take_traces(
    request: OtlpRequest,
    settings: NamedDependency[Settings],
    caller: NamedDependency[Caller],
    token_intake: NamedDependency[TokenIntake],
    queue: NamedDependency[Queue],
) -> Response[bytes]:
    """Receive OTLP spans and store those of model requests, each once. All other spans are dropped unread."""
    return await receive(Signal.TRACES, request, settings, caller, token_intake, queue)


async def receive(
    signal: Signal, request: OtlpRequest, settings: Settings, caller: Caller, token_intake: TokenIntake, queue: Queue
) -> Response[bytes]:
    """Decode and store a body, and wake the worker after the response. `error_response` handles what this raises."""
    encoding = encoding_of(request)
    limit = settings.telemetry_body_limit
    content_encoding = request.headers.get("content-encoding", "")
    body = await read_body(request, limit)
    received_at = datetime.now(UTC)

    def read() -> Readings:
        plain = inflate(body, content_encoding, limit)
        return read_all(decode(signal, encoding, plain, WANTED[signal]), received_at)

    few = len(body) <= SMALL_BODY and not content_encoding
    readings, _ = await token_intake.read_and_add(caller, read, few=few)
    intake_counts(request.app.state).reject(signal, readings.rejections)
    wake_up = BackgroundTask(queue.wake, Job.FOLD_TOKEN_EVENTS, caller.organization_id)
    return success_response(signal, encoding, readings.rejected, wake_up if readings.size else None)


ROUTES = [
    Router(
        path="/v1",
        route_handlers=[take_logs, take_metrics, take_traces],
        dependencies=DEPENDENCIES,
        exception_handlers={Exception: error_response},
        tags=["intake"],
    )
]
