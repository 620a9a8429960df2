"""Gemini CLI. Canonical: log `gemini_cli.api_response` for each model request, `gemini_cli.api_error` if it failed.

Quirks:
- Input includes the cached part but not the prompt tokens of tool use (`tool_token_count`); output excludes thoughts.
- Each response is repeated as `gen_ai.client.inference.operation.details`, which is dropped.
- An attribute may be an AnyValue with nothing set.
- A failed request has `model` and `duration_ms`, or `model_name` and `duration`. No request has the provider's id.
- Times are in milliseconds; `prompt_id` distinguishes requests of one session.
- The counter `gemini_cli.token.usage` repeats the same tokens by session, model and type; it counts as far as it
  reports more than the logs of its session. So do spans `llm_call`, where they have `gen_ai.usage.*`, without the
  prompt tokens of tool use. `gen_ai.client.token.usage` repeats the tokens too and is dropped.
"""

import msgspec

from service.telemetry.otlp.records import Point, Record, Span, TelemetryRecord
from service.telemetry.reading.links import SESSION
from service.telemetry.reading.normalised import (
    Part,
    PointReading,
    SpanReading,
    TokenEvent,
    TokenSignal,
    UnusableRecordError,
)
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.request_events import NO_TOKENS, Outcome, token_event
from service.telemetry.reading.values import count, milliseconds, own, text_of
from service.telemetry.sources.conventions import points, requests, spellings
from vocabulary.model_names import model_name
from vocabulary.tokens import TokenCounts

NAME = "gemini-cli"
PROVIDER = "google"

COUNTS = (
    "input_token_count",
    "cached_content_token_count",
    "tool_token_count",
    "output_token_count",
    "thoughts_token_count",
)
DURATION = ("duration_ms", "duration")
MODEL = ("model", "model_name")
IDENTITY = ("prompt_id", "role", DURATION[0])

ATTRIBUTES = frozenset({"service.name", "event.name", SESSION, *MODEL, *COUNTS, *IDENTITY, *DURATION})

TOKENS = "gemini_cli.token.usage"
TYPE = "type"
PARTS = {
    "input": Part.INPUT,
    "tool": Part.INPUT,
    "cache": Part.READ_OF_INPUT,
    "output": Part.OUTPUT,
    "thought": Part.REASONING,
}
SPAN_ATTRIBUTES = spellings.SPAN_ATTRIBUTES
POINT_ATTRIBUTES = frozenset({"service.name", SESSION, "model", TYPE})
INSTRUMENTS = frozenset({TOKENS})

LLM_CALL = "llm_call"
RESPONSE, ERROR = "gemini_cli.api_response", "gemini_cli.api_error"


def sent(record: TelemetryRecord) -> bool:
    """Return whether Gemini CLI sent a log record, span or data point, by scope or service."""
    return record.scope == NAME or text_of(record, "service.name") == NAME


def recognises(record: Record) -> bool:
    """Return whether Gemini CLI sent a log record, by event name."""
    return _event(record).startswith("gemini_cli.")


def read(record: Record, receipt: Receipt) -> TokenEvent | None:
    """Return a token event, or None. Raises UnusableRecordError."""
    event = _event(record)
    if event == ERROR:
        return _token_event(record, receipt, (), NO_TOKENS, failed=True)
    if event != RESPONSE:
        return None
    if all(record.attributes.get(name) is None for name in COUNTS):
        raise UnusableRecordError
    counts = tuple(count(record, name) for name in COUNTS)
    return _token_event(record, receipt, counts, _disjoint(*counts), failed=False)


def read_span(span: Span, receipt: Receipt) -> SpanReading | None:
    """Return a request of a session, or None. Raises UnusableRecordError."""
    session = text_of(span, SESSION) or requests.session(span)
    is_request = own(span, spellings.OPERATION) in {LLM_CALL, *spellings.MODEL_REQUESTS} or span.name == LLM_CALL
    if session is None or not is_request or not requests.has_usage(span):
        return None
    reading = requests.span_reading(span, receipt, NAME)
    event = msgspec.structs.replace(reading.event, session=session, provider=PROVIDER)
    return requests.repeating_logs(msgspec.structs.replace(reading, event=event))


def read_point(point: Point, receipt: Receipt) -> PointReading | None:
    """Return the reading of a data point of a session, or None. Raises UnusableRecordError."""
    part, session = PARTS.get(own(point, TYPE) or ""), text_of(point, SESSION)
    if point.name != TOKENS or part is None or session is None:
        return None
    model = model_name(own(point, "model") or "", PROVIDER)
    return points.counted(point, receipt, NAME, TokenSignal.COUNTERS, part, model, session, by_session=True)


def _token_event(
    record: Record, receipt: Receipt, counts: tuple[int, ...], tokens: TokenCounts, *, failed: bool
) -> TokenEvent:
    return token_event(
        record,
        receipt,
        source=NAME,
        identity=(*(own(record, name) for name in IDENTITY), *counts),
        session=text_of(record, SESSION),
        model=model_name(own(record, MODEL[0]) or own(record, MODEL[1]) or "", PROVIDER),
        tokens=tokens,
        outcome=Outcome(None, milliseconds(record, *DURATION), failed),
    )


def _event(record: Record) -> str:
    return own(record, "event.name") or record.event_name


def _disjoint(prompt: int, cached: int, tool: int, visible: int, thoughts: int) -> TokenCounts:
    """Return disjoint kinds; a cached part larger than the prompt stands beside it."""
    return TokenCounts(
        input_uncached=(prompt - cached if cached <= prompt else prompt) + tool,
        cache_read=cached,
        output_visible=visible,
        output_reasoning=thoughts,
    )
