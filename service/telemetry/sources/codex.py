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
- Metrics and spans (with `gen_ai.usage.*`) repeat the same tokens and are dropped.
"""

from schema.vocabulary.model_names import ModelName, model_name
from service.telemetry.otlp.records import Record, TelemetryRecord
from service.telemetry.reading.normalised import TokenEvent
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.request_events import NO_TOKENS, Outcome, token_event
from service.telemetry.reading.usage import Nesting, Usage, split
from service.telemetry.reading.values import count, milliseconds, own, text_of

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
    )


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


def _model(record: Record) -> ModelName:
    return model_name(own(record, "model") or "", "openai")
