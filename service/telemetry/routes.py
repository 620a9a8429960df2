"""POST /v1/logs, /v1/metrics and /v1/traces: OTLP/HTTP, protobuf and JSON, plain, gzip or deflate."""

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
from service.telemetry.answers import accepted, encoding_of, refused
from service.telemetry.counts import intake_counts
from service.telemetry.intake import DEPENDENCIES, TokenIntake
from service.telemetry.otlp.decode import decode
from service.telemetry.otlp.records import Signal
from service.telemetry.reading.normalised import Readings
from service.telemetry.sources.registry import WANTED, read_all

OtlpRequest = Request[Any, Any, State]

# A larger body is inflated and read in a thread, so that it does not hold up other requests.
SMALL_BODY = 32 * 1024


@post("/logs", status_code=200, guards=[requires("intake")], request_max_body_size=None)
async def take_logs(
    request: OtlpRequest,
    settings: NamedDependency[Settings],
    caller: NamedDependency[Caller],
    token_intake: NamedDependency[TokenIntake],
    queue: NamedDependency[Queue],
) -> Response[bytes]:
    """Take OTLP logs: token events of the known agents, once each. Everything else in them is dropped unread."""
    return await take(Signal.LOGS, request, settings, caller, token_intake, queue)


@post("/metrics", status_code=200, guards=[requires("intake")], request_max_body_size=None)
async def take_metrics(
    request: OtlpRequest,
    settings: NamedDependency[Settings],
    caller: NamedDependency[Caller],
    token_intake: NamedDependency[TokenIntake],
    queue: NamedDependency[Queue],
) -> Response[bytes]:
    """Take OTLP metrics: counters and histograms of tokens, where nothing finer tells them. All else is dropped."""
    return await take(Signal.METRICS, request, settings, caller, token_intake, queue)


@post("/traces", status_code=200, guards=[requires("intake")], request_max_body_size=None)
async def take_traces(
    request: OtlpRequest,
    settings: NamedDependency[Settings],
    caller: NamedDependency[Caller],
    token_intake: NamedDependency[TokenIntake],
    queue: NamedDependency[Queue],
) -> Response[bytes]:
    """Take OTLP spans: those of model requests, once each. Everything else in them is dropped unread."""
    return await take(Signal.TRACES, request, settings, caller, token_intake, queue)


async def take(
    signal: Signal, request: OtlpRequest, settings: Settings, caller: Caller, token_intake: TokenIntake, queue: Queue
) -> Response[bytes]:
    """Decode, store, answer; the wake-up follows the answer. Raises what `refused` turns into an answer."""
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
    return accepted(signal, encoding, readings.rejected, wake_up if readings.size else None)


ROUTES = [
    Router(
        path="/v1",
        route_handlers=[take_logs, take_metrics, take_traces],
        dependencies=DEPENDENCIES,
        exception_handlers={Exception: refused},
        tags=["intake"],
    )
]
