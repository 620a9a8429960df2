"""Attributes of the GenAI semantic conventions, in current and earlier spellings.

https://github.com/open-telemetry/semantic-conventions-genai. Since 2026 the conventions demand that input includes the
cache and output includes reasoning. Emitters that leave the cache out, as Anthropic's API does, are recognised by a
cache larger than the input, or by a total that adds the cache to the input.
"""

from schema.vocabulary.model_names import ModelName, model_name
from schema.vocabulary.tokens import TokenCounts
from service.telemetry.otlp.records import Point, Span, TelemetryRecord
from service.telemetry.reading.links import TEAM
from service.telemetry.reading.normalised import Part, PointReading, SpanReading, TokenSignal, UnusableRecordError
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.request_events import NO_TOKENS, measured_event, span_event, span_outcome
from service.telemetry.reading.usage import split_exclusive, split_inclusive
from service.telemetry.reading.values import count, moment_nanoseconds, own, whole_number

INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens")
OUTPUT = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens")
CACHE_READ = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.input_tokens.cached",
    "llm.usage.cache_read_input_tokens",
)
CACHE_WRITE = (
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.input_tokens.cache_write",
    "llm.usage.cache_creation_input_tokens",
)
REASONING = (
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "gen_ai.usage.output_tokens.reasoning",
    "llm.usage.reasoning_tokens",
)
TOTAL = ("gen_ai.usage.total_tokens", "llm.usage.total_tokens")
PROVIDER = ("gen_ai.provider.name", "gen_ai.system")
MODEL = ("gen_ai.response.model", "gen_ai.request.model")
SESSION = ("gen_ai.conversation.id", "session.id")
OPERATION = "gen_ai.operation.name"
# OpenLLMetry's earlier attribute for the operation.
REQUEST_TYPE = "llm.request.type"
RESPONSE = "gen_ai.response.id"
ERROR = "error.type"
# Operations that certainly are requests to a model.
MODEL_REQUESTS = frozenset({"chat", "completion", "text_completion", "generate_content", "embeddings", "embedding"})

SERVICE = ("service.namespace", "service.name")
TYPE = "gen_ai.token.type"

HISTOGRAM = "gen_ai.client.token.usage"
COUNTERS = {
    "gen_ai.client.inference.usage.input_tokens": Part.INPUT,
    "gen_ai.client.inference.usage.output_tokens": Part.OUTPUT,
    "gen_ai.client.inference.usage.cache_read.input_tokens": Part.READ_OF_INPUT,
    "gen_ai.client.inference.usage.cache_write.input_tokens": Part.WRITTEN_OF_INPUT,
    "gen_ai.client.inference.usage.cache_creation.input_tokens": Part.WRITTEN_OF_INPUT,
    "gen_ai.client.inference.usage.reasoning.output_tokens": Part.REASONING_OF_OUTPUT,
}
# The conventions define input and output; emitters add the other types.
TYPES = {
    "input": Part.INPUT,
    "prompt": Part.INPUT,
    "output": Part.OUTPUT,
    "completion": Part.OUTPUT,
    "cache_read": Part.READ_OF_INPUT,
    "cached": Part.READ_OF_INPUT,
    "cached_input": Part.READ_OF_INPUT,
    "cache_read_input": Part.READ_OF_INPUT,
    "cache_write": Part.WRITTEN_OF_INPUT,
    "cache_creation": Part.WRITTEN_OF_INPUT,
    "cache_creation_input": Part.WRITTEN_OF_INPUT,
    "reasoning": Part.REASONING_OF_OUTPUT,
}
INSTRUMENTS = frozenset({HISTOGRAM, *COUNTERS})

USAGE = (*INPUT, *OUTPUT, *CACHE_READ, *CACHE_WRITE, *REASONING)
ATTRIBUTES = frozenset(
    {*USAGE, *TOTAL, *PROVIDER, *MODEL, *SESSION, OPERATION, REQUEST_TYPE, RESPONSE, ERROR, *SERVICE, TYPE}
)


def has_usage(record: TelemetryRecord) -> bool:
    """Return whether a record has any token usage."""
    return any(record.attributes.get(name) is not None for name in USAGE)


def has_failed(span: Span) -> bool:
    """Return whether a span has an error status or an error type."""
    return span.is_error or own(span, ERROR) is not None


def is_failed_request(span: Span) -> bool:
    """Return whether a span is a failed model request without tokens."""
    operation = own(span, OPERATION) or own(span, REQUEST_TYPE)
    return has_failed(span) and operation in MODEL_REQUESTS and not has_usage(span)


def tokens(record: TelemetryRecord) -> TokenCounts:
    """Return the usage of a record as disjoint kinds. Raises UnusableRecordError."""
    if not has_usage(record):
        raise UnusableRecordError
    total_input, total_output = count(record, *INPUT), count(record, *OUTPUT)
    read, written, reasoning = count(record, *CACHE_READ), count(record, *CACHE_WRITE), count(record, *REASONING)
    total = count(record, *TOTAL)
    cache = read + written
    excludes_cache = cache > total_input or (cache > 0 and total == total_input + cache + total_output)
    return (split_exclusive if excludes_cache else split_inclusive)(total_input, read, written, total_output, reasoning)


def model(record: TelemetryRecord) -> ModelName:
    """Return the model that answered, else the one requested, with its provider."""
    return model_name(first(record, MODEL) or "", first(record, PROVIDER) or "")


def session(record: TelemetryRecord) -> str | None:
    """Return the id of the conversation, else of the session."""
    return first(record, SESSION)


def first(record: TelemetryRecord, names: tuple[str, ...]) -> str | None:
    """Return the first of several attributes that is set."""
    return next((text for name in names if (text := own(record, name))), None)


def span_reading(span: Span, receipt: Receipt, source: str) -> SpanReading:
    """Return the request of a span; a failed request may have no tokens. Raises UnusableRecordError."""
    event = span_event(
        span,
        receipt,
        source=source,
        session=session(span),
        model=model(span),
        tokens=NO_TOKENS if is_failed_request(span) else tokens(span),
        outcome=span_outcome(span, own(span, RESPONSE), failed=has_failed(span)),
    )
    return SpanReading(
        event=event,
        service=service(span),
        span=f"{span.trace_id}/{span.span_id}" if span.span_id else repr(event.identity),
        parent=f"{span.trace_id}/{span.parent_id}" if span.parent_id else None,
    )


def point_reading(point: Point, receipt: Receipt, source: str) -> PointReading | None:
    """Return the reading of a counter or the histogram; None for an unknown token type. Raises UnusableRecordError."""
    part = COUNTERS.get(point.name) or TYPES.get((own(point, TYPE) or "").lower())
    if part is None:
        return None
    signal = TokenSignal.HISTOGRAM if point.name == HISTOGRAM else TokenSignal.COUNTERS
    return counted(point, receipt, source, signal, part, model(point), session(point))


def counted(
    point: Point,
    receipt: Receipt,
    source: str,
    signal: TokenSignal,
    part: Part,
    made_by: ModelName,
    session: str | None,
) -> PointReading:
    """Return the reading of a data point with a known part, model and session. Raises UnusableRecordError."""
    return PointReading(
        event=measured_event(
            point,
            receipt,
            source=source,
            identity=(),
            session=session,
            model=made_by,
            tokens=TokenCounts(),
            anonymous=False,
        ),
        service=service(point),
        signal=signal,
        part=part,
        series=point.series,
        group=point.group,
        start=max(point.start_time_unix_nano, 0),
        moment=moment_nanoseconds(point),
        value=whole_number(point.value),
        is_cumulative=point.is_cumulative,
    )


def service(record: TelemetryRecord) -> tuple[str, ...]:
    """Return the service and team of a resource: signals of the same ones may report the same tokens."""
    names = (record.resource.get(name) for name in (*SERVICE, TEAM))
    return tuple("" if name is None else str(name) for name in names)
