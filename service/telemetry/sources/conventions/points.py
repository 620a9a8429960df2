"""Data points of token counters and histograms."""

from service.telemetry.otlp.records import Point
from service.telemetry.reading.normalised import Part, PointReading, TokenSignal
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.request_events import measured_event
from service.telemetry.reading.usage import Nesting
from service.telemetry.reading.values import moment_nanoseconds, own, whole_number
from service.telemetry.sources.conventions import spellings
from service.telemetry.sources.conventions.emitters import find_emitter
from service.telemetry.sources.conventions.requests import first, model, service, session
from vocabulary.model_names import ModelName
from vocabulary.tokens import TokenCounts

# Emitters that divide the series of input by cache, or those of output by phase, count each token in one of them.
_OF_SERIES = {
    **{(Part.INPUT, name): part for name, part in spellings.CACHES_BESIDE.items()},
    **{(Part.OUTPUT, name): Part.REASONING for name in spellings.PHASES},
}
# What a part of a total is where the emitter counts it otherwise, or is not known.
_NESTED = {
    Nesting.BESIDE: {
        Part.READ_OF_INPUT: Part.CACHE_READ,
        Part.WRITTEN_OF_INPUT: Part.CACHE_WRITE,
        Part.REASONING_OF_OUTPUT: Part.REASONING,
    },
    Nesting.BY_NUMBERS: {
        Part.READ_OF_INPUT: Part.READ_BY_NUMBERS,
        Part.WRITTEN_OF_INPUT: Part.WRITTEN_BY_NUMBERS,
        Part.REASONING_OF_OUTPUT: Part.REASONING_BY_NUMBERS,
    },
    Nesting.WITHIN: {},
}


def point_reading(point: Point, receipt: Receipt, source: str, made_by: ModelName | None = None) -> PointReading | None:
    """Return the reading of a counter or histogram; None for an unknown token type. Raises UnusableRecordError.

    The model is that of the conventions, unless it is `made_by` another.
    """
    part = _part(point)
    if part is None:
        return None
    signal = TokenSignal.HISTOGRAM if point.is_histogram else TokenSignal.COUNTERS
    return counted(point, receipt, source, signal, _nested(point, part), made_by or model(point), session(point))


def _nested(point: Point, part: Part) -> Part:
    """Return where the emitter counts a part of a total. Counters by cache and by phase divide their total."""
    if point.name in spellings.DIVIDED:
        return part
    emitter = find_emitter(point.scope, point.scope_version, first(point, spellings.PROVIDER) or "")
    nesting = emitter.reasoning if part is Part.REASONING_OF_OUTPUT else emitter.cache
    return _NESTED[nesting].get(part, part)


def _part(point: Point) -> Part | None:
    match point.name:
        case spellings.TOKENS_BY_CACHE:
            return spellings.CACHES.get(own(point, spellings.CACHE) or "")
        case spellings.TOKENS_BY_PHASE:
            return spellings.PHASES.get(own(point, spellings.PHASE) or "")
        case name if (part := spellings.COUNTERS.get(name)) is not None:
            return part
        case spellings.QWEN_TOKENS:
            return spellings.TYPES.get(own(point, spellings.QWEN_TYPE) or "")
        case _:
            part = spellings.TYPES.get((own(point, spellings.TYPE) or "").lower())
            divided_by = own(point, spellings.CACHE) or own(point, spellings.PHASE)
            return _OF_SERIES.get((part, divided_by), part) if part and divided_by else part


def counted(
    point: Point,
    receipt: Receipt,
    source: str,
    signal: TokenSignal,
    part: Part,
    made_by: ModelName,
    session: str | None,
    *,
    by_session: bool = False,
) -> PointReading:
    """Return the reading of a data point with a known part, model and session. Raises UnusableRecordError.

    `by_session` compares it with the log records of its session, instead of with the other signals of its service.
    """
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
        service=() if by_session else service(point),
        signal=signal,
        part=part,
        series=point.series,
        group=point.group,
        start=max(point.start_time_unix_nano, 0),
        moment=moment_nanoseconds(point),
        value=whole_number(point.value),
        is_cumulative=point.is_cumulative,
    )
