"""The sources, in order: the first that recognises a record reads it; unrecognised records are dropped.

Each agent has one canonical signal. If that is logs, the agent's spans and metrics repeat the same tokens, and count as
far as they report more: see measured. The source for unknown services never sees them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from service.telemetry.otlp.records import AttributeValue, Point, Record, Signal, Span, TelemetryRecord
from service.telemetry.otlp.wanted import Wanted
from service.telemetry.reading import links
from service.telemetry.reading.normalised import (
    Dropped,
    EmptySpan,
    PointReading,
    Readings,
    Reason,
    SessionEvidence,
    SpanReading,
    SummaryReading,
    TokenEvent,
    UnusableRecordError,
)
from service.telemetry.reading.receipt import Receipt
from service.telemetry.sources import (
    claude_code,
    cline,
    codeburn,
    codex,
    copilot,
    gemini_cli,
    genai,
    litellm,
    openinference,
    qwen_code,
    session_records,
    vercel_ai,
)
from service.telemetry.sources.dropped import LOG_ATTRIBUTES, SPAN_ATTRIBUTES, dropped

Reading: TypeAlias = TokenEvent | SessionEvidence | SpanReading | SummaryReading | PointReading | EmptySpan


class LogSource(Protocol):
    """An agent that reports tokens in logs, and may repeat them in spans and metrics."""

    NAME: str
    ATTRIBUTES: frozenset[str]
    SPAN_ATTRIBUTES: frozenset[str]
    POINT_ATTRIBUTES: frozenset[str]
    INSTRUMENTS: frozenset[str]

    def sent(self, record: TelemetryRecord) -> bool:
        """Return whether the agent sent a log record, span or data point."""

    def recognises(self, record: Record) -> bool:
        """Return whether the agent sent a log record."""

    def read(self, record: Record, receipt: Receipt) -> TokenEvent | SessionEvidence | None:
        """Return the reading of a log record, or None. Raises UnusableRecordError."""

    def read_span(self, span: Span, receipt: Receipt) -> SpanReading | None:
        """Return the reading of a span, or None. Raises UnusableRecordError."""

    def read_point(self, point: Point, receipt: Receipt) -> PointReading | None:
        """Return the reading of a data point, or None. Raises UnusableRecordError."""


class SpanSource(Protocol):
    """An application that reports tokens in spans."""

    ATTRIBUTES: frozenset[str]

    def sent(self, record: TelemetryRecord) -> bool:
        """Return whether the application sent a span."""

    def read(self, span: Span, receipt: Receipt) -> TokenEvent | SummaryReading | SessionEvidence | None:
        """Return the reading of a span, or None. Raises UnusableRecordError."""


class MetricSource(Protocol):
    """An application that reports tokens in metrics."""

    POINT_ATTRIBUTES: frozenset[str]
    INSTRUMENTS: frozenset[str]

    def read_point(self, point: Point, receipt: Receipt) -> PointReading | None:
        """Return the reading of a data point, or None. Raises UnusableRecordError."""


class SpanAndMetricSource(MetricSource, Protocol):
    """A service that reports tokens in spans, in metrics, or in both."""

    def read_span(self, span: Span, receipt: Receipt) -> SpanReading | SummaryReading | SessionEvidence | None:
        """Return the reading of a span, or None. Raises UnusableRecordError."""


LOG_SOURCES: tuple[LogSource, ...] = (codex, gemini_cli, qwen_code, claude_code)
SPAN_SOURCES: tuple[SpanSource, ...] = (litellm, vercel_ai, codeburn)
METRIC_SOURCES: tuple[MetricSource, ...] = (cline, copilot, genai)

WANTED: dict[Signal, Wanted] = {
    Signal.LOGS: Wanted(
        links.ATTRIBUTES.union(
            LOG_ATTRIBUTES, session_records.ATTRIBUTES, *(source.ATTRIBUTES for source in LOG_SOURCES)
        )
    ),
    Signal.TRACES: Wanted(
        links.ATTRIBUTES.union(
            copilot.ATTRIBUTES,
            genai.ATTRIBUTES,
            openinference.ATTRIBUTES,
            SPAN_ATTRIBUTES,
            *(source.ATTRIBUTES for source in SPAN_SOURCES),
            *(source.SPAN_ATTRIBUTES for source in LOG_SOURCES),
        )
    ),
    Signal.METRICS: Wanted(
        links.ATTRIBUTES.union(
            {litellm.FRAMEWORK}, *(source.POINT_ATTRIBUTES for source in (*METRIC_SOURCES, *LOG_SOURCES))
        ),
        frozenset().union(*(source.INSTRUMENTS for source in (*METRIC_SOURCES, *LOG_SOURCES))),
    ),
}


def read_parts(parts: Iterable[Iterable[TelemetryRecord]], received_at: datetime) -> Iterator[Readings]:
    """Read the parts of one body; unusable records are counted and skipped."""
    senders, receipt = Senders(), Receipt(received_at)
    for records in parts:
        found = _Found(senders)
        for record in records:
            try:
                reading = _read(record, receipt, senders)
            except UnusableRecordError as error:
                found.reject(record, error.reason)
            else:
                found.add(record, reading)
        yield found.readings()


def read_all(records: Iterable[TelemetryRecord], received_at: datetime) -> Readings:
    """Read the log records, spans or data points of a body at once; see `read_parts`."""
    (readings,) = read_parts([records], received_at)
    return readings


class _Found:
    """What the records of a part of a body say, as they are read."""

    def __init__(self, senders: "Senders") -> None:
        self.senders = senders
        self._readings: dict[type[Reading], list[Any]] = defaultdict(list)
        self._rejections: Counter[Reason] = Counter()
        self._drops: Counter[Dropped] = Counter()
        self._traces: set[str] = set()

    def reject(self, record: TelemetryRecord, reason: Reason) -> None:
        """Count an unusable record."""
        self._rejections[reason] += 1
        self._drops[Dropped("", _signal_of(record), reason)] += 1

    def add(self, record: TelemetryRecord, reading: Reading | None) -> None:
        """Add what a record says, or count it as dropped if it holds tokens."""
        # Nearly all records are log records with an event, so these come first.
        if type(reading) is TokenEvent and type(record) is Record:
            self._readings[TokenEvent].append(reading)
            return
        if reading is not None:
            self._readings[type(reading)].append(reading)
        if isinstance(record, Span):
            self._place(record, reading)
        if isinstance(reading, SummaryReading) and reading.evidence:
            self._readings[SessionEvidence].append(reading.evidence)
        if reading is None and (record.attributes or isinstance(record, Point)):
            self._drop(record)

    def _place(self, span: Span, reading: Reading | None) -> None:
        """Note what the other spans of a trace must know of this one."""
        if isinstance(reading, TokenEvent) and any(reading.tokens):
            self._traces.add(span.trace_id)
        elif isinstance(reading, SummaryReading | None) and span.parent_id and not self.senders.agent(span):
            self._readings[EmptySpan].append(EmptySpan(span.trace_id, span.span_id, span.parent_id))

    def _drop(self, record: TelemetryRecord) -> None:
        if (drop := dropped(record, self.senders.source_name(record))) is None:
            return
        self._drops[drop] += 1
        if isinstance(record, Span) and drop.source:
            self._traces.add(record.trace_id)

    def readings(self) -> Readings:
        """Return everything."""
        readings = self._readings
        return Readings(
            events=tuple(readings[TokenEvent]),
            evidence=tuple(readings[SessionEvidence]),
            rejections=self._rejections,
            dropped=self._drops,
            spans=tuple(readings[SpanReading]),
            points=tuple(readings[PointReading]),
            empty_spans=tuple(readings[EmptySpan]),
            summaries=tuple(readings[SummaryReading]),
            traces=self._traces,
        )


class Senders:
    """Who sent the records of one body, looked up once for each kind of record."""

    def __init__(self) -> None:
        self._known: dict[tuple[AttributeValue, ...], LogSource | None] = {}
        self._agents: dict[tuple[AttributeValue, ...], LogSource | None] = {}

    def log_source(self, record: Record) -> LogSource | None:
        """Return the first source that recognises a record. All of them decide by scope, service and event name."""
        own, resource = record.attributes.get, record.resource.get
        kind = record.scope, record.event_name, own("event.name"), own("service.name"), resource("service.name")
        if kind not in self._known:
            self._known[kind] = next((source for source in LOG_SOURCES if source.recognises(record)), None)
        return self._known[kind]

    def source_name(self, record: TelemetryRecord) -> str | None:
        """Return the name of a log record's source, if one recognises it."""
        source = self.log_source(record) if isinstance(record, Record) else None
        return None if source is None else source.NAME

    def agent(self, record: Span | Point) -> LogSource | None:
        """Return the agent that reports tokens in logs and sent a span or data point, by scope and service."""
        sender = record.scope, record.attributes.get("service.name"), record.resource.get("service.name")
        if sender not in self._agents:
            self._agents[sender] = next((agent for agent in LOG_SOURCES if agent.sent(record)), None)
        return self._agents[sender]


def _signal_of(record: TelemetryRecord) -> Signal:
    if isinstance(record, Record):
        return Signal.LOGS
    return Signal.TRACES if isinstance(record, Span) else Signal.METRICS


def _read(record: TelemetryRecord, receipt: Receipt, senders: Senders) -> Reading | None:
    if isinstance(record, Record):
        if session_records.recognises(record):
            return session_records.read(record, receipt)
        source = senders.log_source(record)
        return None if source is None else source.read(record, receipt)
    if isinstance(record, Span):
        return _read_span(record, receipt, senders) if record.attributes else None
    return _read_point(record, receipt, senders) if isinstance(record, Point) else None


def _read_span(span: Span, receipt: Receipt, senders: Senders) -> Reading | None:
    if (agent := senders.agent(span)) is not None:
        return agent.read_span(span, receipt)
    for source in SPAN_SOURCES:
        if source.sent(span):
            return source.read(span, receipt)
    if openinference.sent(span):
        return openinference.read_span(span, receipt)
    return _conventional_source(span).read_span(span, receipt)


def _read_point(point: Point, receipt: Receipt, senders: Senders) -> Reading | None:
    if (agent := senders.agent(point)) is not None:
        return agent.read_point(point, receipt)
    if litellm.sent(point):
        return None
    if cline.sent(point):
        return cline.read_point(point, receipt)
    return _conventional_source(point).read_point(point, receipt)


def _conventional_source(record: TelemetryRecord) -> SpanAndMetricSource:
    return copilot if copilot.sent(record) else genai
