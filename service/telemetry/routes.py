"""POST /v1/logs, /v1/metrics and /v1/traces: OTLP/HTTP as protobuf or JSON, uncompressed, gzip or deflate."""

from collections.abc import Iterator
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
from service.telemetry.intake import DEPENDENCIES, SMALL_BODY, TokenIntake
from service.telemetry.otlp.decode import decode_parts
from service.telemetry.otlp.limits import BodyLimits
from service.telemetry.otlp.records import Signal
from service.telemetry.reading.normalised import Readings
from service.telemetry.sources.registry import WANTED, read_parts

OtlpRequest = Request[Any, Any, State]


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
    encoding, limits = encoding_of(request), BodyLimits.of(settings)
    content_encoding = request.headers.get("content-encoding", "")
    async with token_intake.receiving(caller, request.content_length):
        body = await read_body(request, limits.size)
        received_at = datetime.now(UTC)

        def read() -> Iterator[Readings]:
            plain = inflate(body, content_encoding, limits.size, limits.ratio)
            parts = decode_parts(signal, encoding, plain, WANTED[signal], limits.messages)
            return read_parts(parts, received_at)

        few = len(body) <= SMALL_BODY and not content_encoding
        rows, _ = await token_intake.read_and_add(caller, read, few=few)
    intake_counts(request.app.state).reject(signal, rows.rejections)
    wake_up = BackgroundTask(queue.wake, Job.FOLD_TOKEN_EVENTS, caller.organization_id)
    return success_response(signal, encoding, rows.rejections.total(), wake_up if rows.size else None)


ROUTES = [
    Router(
        path="/v1",
        route_handlers=[take_logs, take_metrics, take_traces],
        dependencies=DEPENDENCIES,
        exception_handlers={Exception: error_response},
        tags=["intake"],
    )
]
