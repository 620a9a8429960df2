"""Codex CLI. Canonical: log `codex.sse_event` of kind `response.completed` that has `input_token_count`.

Quirks:
- Each completion is logged twice; only one of the two records has counts.
- Counts are strings or numbers. Input includes cache reads and writes; output includes reasoning. `tool_token_count`
  is input + output and is not read.
- `time_unix_nano` is 0, so the observed time is used. The record's event name is a source line of Codex and is ignored;
  the attribute `event.name` is the event.
- The session is `conversation.id`. Only OTEL_RESOURCE_ATTRIBUTES can name repository and branch.
- A failed request is `codex.api_request` or `codex.websocket_request` without a success status, one per attempt, or a
  broken stream: `codex.sse_event` of kind `response.failed` or without a kind. Completions have no id and no duration.
- The histogram `codex.turn.token_usage` and spans `session_task.turn` repeat the same tokens, summed over the requests
  of a turn. The histogram names no session, and spans name only the thread. So both are compared with the log records
  of their service, and count as far as they report more: see tallies. Spans of single requests, `handle_responses`,
  name no model and are dropped.
"""

from service.telemetry.otlp.records import Point, Record, Span, TelemetryRecord
from service.telemetry.reading.normalised import Part, PointReading, SpanReading, TokenEvent, TokenSignal
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.request_events import NO_TOKENS, Outcome, span_event, token_event
from service.telemetry.reading.usage import Nesting, Usage, split
from service.telemetry.reading.values import count, milliseconds, own, text_of
from service.telemetry.sources.conventions import points, requests, spellings
from vocabulary.model_names import ModelName, model_name

NAME = "codex"

SESSION = "conversation.id"
INPUT = "input_token_count"
COUNTS = (INPUT, "cached_token_count", "cache_write_token_count", "output_token_count", "reasoning_token_count")

DURATION = "duration_ms"
STATUS = "http.response.status_code"
SUCCESS = "success"
ENDPOINT = "endpoint"
ATTEMPT = "attempt"

ATTRIBUTES = frozenset(
    {
        *("service.name", "event.name", "event.kind", SESSION, "model", *COUNTS),
        *(DURATION, STATUS, SUCCESS, ENDPOINT, ATTEMPT),
    }
)

TURN = "session_task.turn"
TURN_TOKENS = "codex.turn.token_usage"
THREAD = "thread.id"
TURN_COUNTS = tuple(
    f"{TURN_TOKENS}.{name}_tokens"
    for name in ("input", "cached_input", "cache_write_input", "output", "reasoning_output")
)
TYPE = "token_type"
PARTS = {
    "input": Part.INPUT,
    "cached_input": Part.READ_OF_INPUT,
    "cache_write_input": Part.WRITTEN_OF_INPUT,
    "output": Part.OUTPUT,
    "reasoning_output": Part.REASONING_OF_OUTPUT,
}
SPAN_ATTRIBUTES = frozenset({"model", THREAD, *TURN_COUNTS, *spellings.SERVICE})
POINT_ATTRIBUTES = frozenset({"model", TYPE, *spellings.SERVICE})
INSTRUMENTS = frozenset({TURN_TOKENS})

EVENT = "codex.sse_event"
COMPLETED, FAILED = "response.completed", "response.failed"
# Other endpoints, such as the list of models, send no request to a model.
MODEL_ENDPOINTS = ("/responses", "/chat/completions")


def sent(record: TelemetryRecord) -> bool:
    """Return whether Codex sent a log record, span or data point, by scope or service (`codex_exec`, …)."""
    return record.scope.startswith(NAME) or (text_of(record, "service.name") or "").startswith("codex_")


def recognises(record: Record) -> bool:
    """Return whether Codex sent a log record, by the attribute `event.name`."""
    return (own(record, "event.name") or "").startswith("codex.")


def read(record: Record, receipt: Receipt) -> TokenEvent | None:
    """Return a token event, or None. Raises UnusableRecordError."""
    if _has_failed(record):
        return _failure(record, receipt)
    if own(record, "event.name") != EVENT or own(record, "event.kind") != COMPLETED or own(record, INPUT) is None:
        return None
    counts = tuple(count(record, name) for name in COUNTS)
    return token_event(
        record,
        receipt,
        source=NAME,
        identity=counts,
        session=own(record, SESSION),
        model=_model(record),
        tokens=split(Usage(*counts), Nesting.WITHIN, Nesting.WITHIN),
        service=requests.service(record),
    )


def read_span(span: Span, receipt: Receipt) -> SpanReading | None:
    """Return the requests of a turn, or None. Raises UnusableRecordError."""
    if span.name != TURN or all(span.attributes.get(name) is None for name in TURN_COUNTS):
        return None
    counts = (count(span, name) for name in TURN_COUNTS)
    event = span_event(
        span,
        receipt,
        source=NAME,
        session=own(span, THREAD),
        model=_model(span),
        tokens=split(Usage(*counts), Nesting.WITHIN, Nesting.WITHIN),
    )
    return requests.repeating_logs(requests.reading_of(span, event), requests.service(span))


def read_point(point: Point, receipt: Receipt) -> PointReading | None:
    """Return the reading of a data point, or None if another series counts it. Raises UnusableRecordError."""
    part = PARTS.get(own(point, TYPE) or "")
    if point.name != TURN_TOKENS or part is None:
        return None
    return points.counted(point, receipt, NAME, TokenSignal.HISTOGRAM, part, _model(point), None)


def _failure(record: Record, receipt: Receipt) -> TokenEvent:
    return token_event(
        record,
        receipt,
        source=NAME,
        identity=(own(record, ATTEMPT), own(record, DURATION)),
        session=own(record, SESSION),
        model=_model(record),
        tokens=NO_TOKENS,
        outcome=Outcome(None, milliseconds(record, DURATION), failed=True),
    )


def _has_failed(record: Record) -> bool:
    match own(record, "event.name"):
        case "codex.sse_event":
            return own(record, "event.kind") in {None, FAILED}
        case "codex.api_request":
            status = own(record, STATUS)
            is_model_request = (own(record, ENDPOINT) or MODEL_ENDPOINTS[0]).endswith(MODEL_ENDPOINTS)
            return is_model_request and (status is None or not status.startswith("2"))
        case "codex.websocket_request":
            return own(record, SUCCESS) == "false"
        case _:
            return False


def _model(record: TelemetryRecord) -> ModelName:
    return model_name(own(record, "model") or "", "openai")
