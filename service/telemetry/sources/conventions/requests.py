"""Model requests that spans report, and what conventions say of any record."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from service.telemetry.otlp.records import AttributeValue, Signal, Span, TelemetryRecord
from service.telemetry.reading.links import TEAM
from service.telemetry.reading.normalised import (
    Dropped,
    DropReason,
    SessionEvidence,
    SpanReading,
    SummaryReading,
    TokenEvent,
    UnusableRecordError,
)
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.request_events import NO_CHARGES, NO_TOKENS, Charges, span_event, span_outcome
from service.telemetry.reading.usage import Usage, split
from service.telemetry.reading.values import count, own, whole_number
from service.telemetry.sources.conventions import spellings
from service.telemetry.sources.conventions.emitters import find_emitter
from vocabulary.model_names import ModelName, model_name
from vocabulary.service_tiers import service_tier
from vocabulary.tokens import TokenCounts


class Place(NamedTuple):
    """What a spelling means, and its rank among the spellings of the same."""

    kind: str
    rank: int


# More pieces than a request can have.
MAXIMUM_PIECES = 1_000_000
WHOLES = {"input": spellings.INPUT, "output": spellings.OUTPUT, "total": spellings.TOTAL}
PARTS = {"cache_read": spellings.CACHE_READ, "cache_write": spellings.CACHE_WRITE, "reasoning": spellings.REASONING}
SUMS = {
    "input": spellings.INPUT_BY_MODALITY,
    "output": spellings.OUTPUT_BY_MODALITY,
    "cache_read": spellings.CACHE_READ_BY_MODALITY,
    **{
        f"cache_write {five}": (five, hour)
        for five, hour in zip(spellings.WRITTEN_5M, spellings.WRITTEN_1H, strict=True)
    },
}
WHOLE_PLACES = {name: Place(kind, rank) for kind, names in WHOLES.items() for rank, name in enumerate(names)}
PART_PLACES = {name: kind for kind, names in PARTS.items() for name in names}
SUM_PLACES = {name: place for place, names in SUMS.items() for name in names}
USAGE = frozenset(spellings.USAGE)


def has_usage(record: TelemetryRecord) -> bool:
    """Return whether a record has any token usage."""
    return any(name in USAGE and value is not None for name, value in record.attributes.items())


def has_failed(span: Span) -> bool:
    """Return whether a span has an error status or an error type."""
    return span.is_error or own(span, spellings.ERROR) is not None


def is_failed_request(span: Span) -> bool:
    """Return whether a span is a failed model request without tokens."""
    operation = own(span, spellings.OPERATION) or own(span, spellings.REQUEST_TYPE)
    return has_failed(span) and operation in spellings.MODEL_REQUESTS and not has_usage(span)


def usage(record: TelemetryRecord) -> Usage:
    """Return the usage of a record as reported. Raises UnusableRecordError for a count without sense."""
    return reported_usage(record.attributes)


def reported_usage(attributes: Mapping[str, AttributeValue]) -> Usage:
    """Return the usage in attributes. Raises UnusableRecordError for a count without sense."""
    wholes: dict[str, tuple[int, int]] = {}
    parts: dict[str, int] = {}
    sums: dict[str, int] = {}
    # One pass over the record: there are many more spellings than attributes.
    for name, value in attributes.items():
        if value is None:
            continue
        if (place := WHOLE_PLACES.get(name)) is not None:
            ranked = place.rank, whole_number(value)
            wholes[place.kind] = min(wholes.get(place.kind, ranked), ranked)
        elif (kind := PART_PLACES.get(name)) is not None:
            parts[kind] = max(parts.get(kind, 0), whole_number(value))
        elif (addend := SUM_PLACES.get(name)) is not None:
            sums[addend] = sums.get(addend, 0) + whole_number(value)
    for addend, total in sums.items():
        # Several names may report the same lifetimes.
        kind = addend.partition(" ")[0]
        parts[kind] = max(parts.get(kind, 0), total)
    found = Usage(**parts | {kind: count for kind, (_, count) in wholes.items()})
    # Embeddings and some gateways report the total alone.
    return found if any(found[:-1]) else found._replace(input=found.total)


def tokens(record: Span) -> TokenCounts:
    """Return the usage of a span as disjoint kinds. Raises UnusableRecordError."""
    if not has_usage(record):
        raise UnusableRecordError
    emitter = find_emitter(record.scope, record.scope_version, first(record, spellings.PROVIDER) or "")
    return split(usage(record), emitter.cache, emitter.reasoning)


def charges(span: Span, tokens: TokenCounts, an_hour: int = 0, searches: int = 0, tier: str = "") -> Charges:
    """Return what decides the price of a span's request beside its tokens. Raises UnusableRecordError.

    Numbers and a tier that were found elsewhere count where no attribute has them.
    """
    found = Charges(
        min(count(span, *spellings.WRITTEN_1H) or an_hour, tokens.cache_write),
        service_tier(first(span, spellings.SERVICE_TIER) or tier, first(span, spellings.REGION)),
        min(count(span, *spellings.WEB_SEARCHES) or searches, MAXIMUM_PIECES),
    )
    return NO_CHARGES if found == NO_CHARGES else found


def model(record: TelemetryRecord) -> ModelName:
    """Return the model that answered, else the one requested, with its provider."""
    return model_name(first(record, spellings.MODEL) or "", first(record, spellings.PROVIDER) or "")


def session(record: TelemetryRecord) -> str | None:
    """Return the id of the conversation, else of the session."""
    return first(record, spellings.SESSION)


def first(record: TelemetryRecord, names: tuple[str, ...]) -> str | None:
    """Return the first of several attributes that is set."""
    return next((text for name in names if (text := own(record, name))), None)


def span_reading(span: Span, receipt: Receipt, source: str) -> SpanReading:
    """Return the request of a span; a failed request may have no tokens. Raises UnusableRecordError."""
    used = NO_TOKENS if is_failed_request(span) else tokens(span)
    event = span_event(
        span,
        receipt,
        source=source,
        session=session(span),
        model=model(span),
        tokens=used,
        charges=charges(span, used),
        outcome=span_outcome(span, own(span, spellings.RESPONSE), failed=has_failed(span)),
    )
    return reading_of(span, event)


def summary_reading(
    span: Span, receipt: Receipt, source: str, evidence: SessionEvidence | None = None
) -> SummaryReading | None:
    """Return the summary of an agent's requests; None without tokens. Raises UnusableRecordError."""
    return summary_of(span, span_reading(span, receipt, source).event, evidence)


def summary_of(span: Span, event: TokenEvent, evidence: SessionEvidence | None = None) -> SummaryReading | None:
    """Return the summary that a span reports as one event; None without tokens."""
    dropped = Dropped("", Signal.TRACES, DropReason.REPEATED)
    reading = reading_of(span, event)
    return SummaryReading(span=reading, dropped=dropped, evidence=evidence) if any(event.tokens) else None


def reading_of(span: Span, event: TokenEvent) -> SpanReading:
    """Return the reading of a span that reports an event."""
    return SpanReading(
        event=event,
        service=service(span),
        trace=span.trace_id,
        span=f"{span.trace_id}/{span.span_id}" if span.span_id else repr(event.identity),
        parent=f"{span.trace_id}/{span.parent_id}" if span.parent_id else None,
    )


def repeating_logs(reading: SpanReading, service: tuple[str, ...] = ()) -> SpanReading:
    """Return the reading of an agent's span, to be compared with log records of its session, or of the service."""
    return msgspec.structs.replace(reading, service=service, repeats_logs=True)


def service(record: TelemetryRecord) -> tuple[str, ...]:
    """Return the service and team of a resource: signals of the same ones may report the same tokens."""
    names = (record.resource.get(name) for name in (*spellings.SERVICE, TEAM))
    return tuple("" if name is None else str(name) for name in names)
