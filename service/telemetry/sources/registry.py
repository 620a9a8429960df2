"""The sources in order: the first that sent a thing reads it; what none recognises is dropped.

Each agent has one canonical signal. Where that is a log, its spans and metrics tell the same tokens again, and are
dropped before a source for unknown services could take them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from service.telemetry.otlp.records import AttributeValue, Point, Record, Signal, Span, TelemetryRecord
from service.telemetry.otlp.wanted import Wanted
from service.telemetry.reading import links
from service.telemetry.reading.normalised import (
    PointReading,
    Readings,
    Reason,
    SessionEvidence,
    SpanReading,
    TokenEvent,
    UnusableRecordError,
)
from service.telemetry.reading.receipt import Receipt
from service.telemetry.sources import claude_code, cline, codex, copilot, gemini_cli, genai, litellm, vercel_ai

Reading: TypeAlias = TokenEvent | SessionEvidence | SpanReading | PointReading


class LogSource(Protocol):
    """An agent that tells tokens in logs."""

    ATTRIBUTES: frozenset[str]

    def sent(self, record: TelemetryRecord) -> bool:
        """Whether it sent a thing of any signal."""

    def recognises(self, record: Record) -> bool:
        """Whether it sent a log record."""

    def read(self, record: Record, receipt: Receipt) -> TokenEvent | SessionEvidence | None:
        """What a log record says, or None when it is of no interest. Raises UnusableRecordError."""


class SpanSource(Protocol):
    """An application that tells tokens in spans."""

    ATTRIBUTES: frozenset[str]

    def sent(self, record: TelemetryRecord) -> bool:
        """Whether it made a span."""

    def read(self, span: Span, receipt: Receipt) -> TokenEvent | None:
        """What a span says, or None when it is of no interest. Raises UnusableRecordError."""


class MetricSource(Protocol):
    """An application that tells tokens in metrics."""

    ATTRIBUTES: frozenset[str]
    INSTRUMENTS: frozenset[str]

    def read_point(self, point: Point, receipt: Receipt) -> PointReading | None:
        """What a data point says, or None when it is of no interest. Raises UnusableRecordError."""


class EitherSource(MetricSource, Protocol):
    """A service that tells tokens in spans, in metrics, or in both."""

    def read_span(self, span: Span, receipt: Receipt) -> SpanReading | SessionEvidence | None:
        """What a span says, or None when it is of no interest. Raises UnusableRecordError."""


IN_LOGS: tuple[LogSource, ...] = (codex, gemini_cli, claude_code)
IN_SPANS: tuple[SpanSource, ...] = (litellm, vercel_ai)
IN_METRICS: tuple[MetricSource, ...] = (cline, copilot, genai)

WANTED: dict[Signal, Wanted] = {
    Signal.LOGS: Wanted(links.ATTRIBUTES.union(*(source.ATTRIBUTES for source in IN_LOGS))),
    Signal.TRACES: Wanted(
        links.ATTRIBUTES.union(copilot.ATTRIBUTES, genai.ATTRIBUTES, *(source.ATTRIBUTES for source in IN_SPANS))
    ),
    Signal.METRICS: Wanted(
        links.ATTRIBUTES.union({litellm.FRAMEWORK}, *(source.ATTRIBUTES for source in IN_METRICS)),
        frozenset().union(*(source.INSTRUMENTS for source in IN_METRICS)),
    ),
}


def read_all(things: Iterable[TelemetryRecord], received_at: datetime) -> Readings:
    """What log records, spans and data points say; unusable ones are counted and do not hinder the others."""
    readings: dict[type[Reading], list[Any]] = defaultdict(list)
    rejections: Counter[Reason] = Counter()
    receipt, log_sources = Receipt(received_at), LogSources()
    for thing in things:
        try:
            reading = _read(thing, receipt, log_sources)
        except UnusableRecordError as error:
            rejections[error.reason] += 1
            continue
        if reading is not None:
            readings[type(reading)].append(reading)
    return Readings(
        events=tuple(readings[TokenEvent]),
        evidence=tuple(readings[SessionEvidence]),
        rejections=rejections,
        spans=tuple(readings[SpanReading]),
        points=tuple(readings[PointReading]),
    )


class LogSources:
    """Which source sent the log records of one body; those of one kind are looked at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[AttributeValue, ...], LogSource | None] = {}

    def of(self, record: Record) -> LogSource | None:
        """The first that recognises it, by what all of them go by: scope, service and names of the event."""
        own, resource = record.attributes.get, record.resource.get
        kind = record.scope, record.event_name, own("event.name"), own("service.name"), resource("service.name")
        if kind not in self._known:
            self._known[kind] = next((source for source in IN_LOGS if source.recognises(record)), None)
        return self._known[kind]


def _read(thing: TelemetryRecord, receipt: Receipt, log_sources: LogSources) -> Reading | None:
    if isinstance(thing, Record):
        source = log_sources.of(thing)
        return None if source is None else source.read(thing, receipt)
    if any(agent.sent(thing) for agent in IN_LOGS):
        return None
    if isinstance(thing, Span):
        return _read_span(thing, receipt)
    return _read_point(thing, receipt) if isinstance(thing, Point) else None


def _read_span(span: Span, receipt: Receipt) -> Reading | None:
    for source in IN_SPANS:
        if source.sent(span):
            return source.read(span, receipt)
    return _either(span).read_span(span, receipt)


def _read_point(point: Point, receipt: Receipt) -> Reading | None:
    if litellm.sent(point):
        return None
    if cline.sent(point):
        return cline.read_point(point, receipt)
    return _either(point).read_point(point, receipt)


def _either(thing: TelemetryRecord) -> EitherSource:
    return copilot if copilot.sent(thing) else genai
