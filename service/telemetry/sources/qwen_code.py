"""Qwen Code. Canonical: log `qwen-code.api_response` for each model request, `qwen-code.api_error` if it failed.

From its source code (`packages/core/src/telemetry`):
- The names are Gemini CLI's, the meaning is not: input includes the cache, and output includes thoughts where the
  provider's does; the total tells. Cache writes are `cache_creation_input_tokens`.
- `response_id` is the provider's id of the request; failed requests have none.
- Spans `qwen-code.llm_request` and the counter `qwen-code.token.usage` repeat the same tokens. The counter names the
  session only if a setting says so. So both are compared with the log records of their service: see tallies.
- Log records may also be exported as spans with the same attributes; these are dropped.
"""

from service.telemetry.otlp.records import Point, Record, Span, TelemetryRecord
from service.telemetry.reading.links import SESSION
from service.telemetry.reading.normalised import PointReading, SpanReading, TokenEvent, UnusableRecordError
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.request_events import NO_TOKENS, Outcome, token_event
from service.telemetry.reading.usage import Nesting, Usage, split
from service.telemetry.reading.values import count, milliseconds, own, text_of
from service.telemetry.sources.conventions import points, requests, spellings
from vocabulary.model_names import model_name
from vocabulary.tokens import TokenCounts

NAME = "qwen-code"

INPUT, TOOL, OUTPUT = "input_token_count", "tool_token_count", "output_token_count"
READ, WRITTEN = "cached_content_token_count", "cache_creation_input_tokens"
THOUGHTS, TOTAL = "thoughts_token_count", "total_token_count"
COUNTS = (INPUT, READ, WRITTEN, OUTPUT, THOUGHTS, TOOL)
DURATION = ("duration_ms", "duration")
RESPONSE = "response_id"
PROMPT = "prompt_id"

ATTRIBUTES = frozenset({"service.name", "event.name", SESSION, "model", *COUNTS, TOTAL, *DURATION, RESPONSE, PROMPT})
SPAN_ATTRIBUTES = spellings.SPAN_ATTRIBUTES
POINT_ATTRIBUTES = spellings.POINT_ATTRIBUTES | {"model"}
INSTRUMENTS = spellings.INSTRUMENTS

REQUEST = "qwen-code.llm_request"
RESPONDED, ERROR = "qwen-code.api_response", "qwen-code.api_error"


def sent(record: TelemetryRecord) -> bool:
    """Return whether Qwen Code sent a log record, span or data point, by scope or service."""
    return record.scope == NAME or text_of(record, "service.name") == NAME


def recognises(record: Record) -> bool:
    """Return whether Qwen Code sent a log record, by event name."""
    return _event(record).startswith("qwen-code.")


def read(record: Record, receipt: Receipt) -> TokenEvent | None:
    """Return a token event, or None. Raises UnusableRecordError."""
    event = _event(record)
    if event == ERROR:
        return _token_event(record, receipt, (), NO_TOKENS, failed=True)
    if event != RESPONDED:
        return None
    if all(record.attributes.get(name) is None for name in COUNTS):
        raise UnusableRecordError
    counts = tuple(count(record, name) for name in COUNTS)
    prompt, read, written, output, thoughts, tool = counts
    tokens = split(Usage(prompt + tool, read, written, output, thoughts, count(record, TOTAL)), Nesting.WITHIN)
    return _token_event(record, receipt, counts, tokens, failed=False)


def read_span(span: Span, receipt: Receipt) -> SpanReading | None:
    """Return a request with tokens, or None. Raises UnusableRecordError."""
    is_request = span.name == REQUEST or own(span, spellings.OPERATION) in spellings.MODEL_REQUESTS
    if not is_request or requests.first(span, (*spellings.INPUT, *spellings.OUTPUT)) is None:
        return None
    return requests.repeating_logs(requests.span_reading(span, receipt, NAME), requests.service(span))


def read_point(point: Point, receipt: Receipt) -> PointReading | None:
    """Return the reading of a data point, or None. Raises UnusableRecordError."""
    model = own(point, "model")
    return points.point_reading(point, receipt, NAME, model_name(model, "") if model else None)


def _token_event(
    record: Record, receipt: Receipt, counts: tuple[int, ...], tokens: TokenCounts, *, failed: bool
) -> TokenEvent:
    request = own(record, RESPONSE)
    return token_event(
        record,
        receipt,
        source=NAME,
        identity=(own(record, PROMPT), request, own(record, DURATION[0]), *counts),
        session=text_of(record, SESSION),
        model=model_name(own(record, "model") or "", ""),
        tokens=tokens,
        outcome=Outcome(request, milliseconds(record, *DURATION), failed),
        service=requests.service(record),
    )


def _event(record: Record) -> str:
    return own(record, "event.name") or record.event_name
