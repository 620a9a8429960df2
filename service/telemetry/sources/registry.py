"""The sources in order: the first that sent a thing reads it; what none recognises is dropped.

Each agent has one canonical signal. Where that is a log, its spans and metrics tell the same tokens again, and are
dropped before a source for unknown services could take them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from service.telemetry import links
from service.telemetry.normalised import (
    PointReading,
    Readings,
    Reason,
    SessionEvidence,
    SpanReading,
    TokenEvent,
    UnusableRecordError,
)
from service.telemetry.records import Point, Record, Signal, Span, Told
from service.telemetry.sources import claude_code, cline, codex, copilot, gemini_cli, genai, litellm, vercel_ai
from service.telemetry.wanted import Wanted

Reading: TypeAlias = TokenEvent | SessionEvidence | SpanReading | PointReading


class LogSource(Protocol):
    """An agent that tells tokens in logs."""

    ATTRIBUTES: frozenset[str]

    def sent(self, record: Told) -> bool:
        """Whether it sent a thing of any signal."""

    def recognises(self, record: Record) -> bool:
        """Whether it sent a log record."""

    def read(self, record: Record, received_at: datetime) -> TokenEvent | SessionEvidence | None:
        """What a log record says, or None when it is of no interest. Raises UnusableRecordError."""


class SpanSource(Protocol):
    """An application that tells tokens in spans."""

    ATTRIBUTES: frozenset[str]

    def sent(self, record: Told) -> bool:
        """Whether it made a span."""

    def read(self, span: Span, received_at: datetime) -> TokenEvent | None:
        """What a span says, or None when it is of no interest. Raises UnusableRecordError."""


class MetricSource(Protocol):
    """An application that tells tokens in metrics."""

    ATTRIBUTES: frozenset[str]
    INSTRUMENTS: frozenset[str]

    def read_point(self, point: Point, received_at: datetime) -> PointReading | None:
        """What a data point says, or None when it is of no interest. Raises UnusableRecordError."""


class EitherSource(MetricSource, Protocol):
    """A service that tells tokens in spans, in metrics, or in both."""

    def read_span(self, span: Span, received_at: datetime) -> SpanReading | SessionEvidence | None:
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


def read_all(things: Iterable[Told], received_at: datetime) -> Readings:
    """What log records, spans and data points say; unusable ones are counted and do not hinder the others."""
    readings: dict[type[Reading], list[Any]] = defaultdict(list)
    rejections: Counter[Reason] = Counter()
    for thing in things:
        try:
            reading = _read(thing, received_at)
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


def _read(thing: Told, received_at: datetime) -> Reading | None:
    if isinstance(thing, Record):
        return _read_record(thing, received_at)
    if any(agent.sent(thing) for agent in IN_LOGS):
        return None
    if isinstance(thing, Span):
        return _read_span(thing, received_at)
    return _read_point(thing, received_at) if isinstance(thing, Point) else None


def _read_record(record: Record, received_at: datetime) -> Reading | None:
    for source in IN_LOGS:
        if source.recognises(record):
            return source.read(record, received_at)
    return None


def _read_span(span: Span, received_at: datetime) -> Reading | None:
    for source in IN_SPANS:
        if source.sent(span):
            return source.read(span, received_at)
    return _either(span).read_span(span, received_at)


def _read_point(point: Point, received_at: datetime) -> Reading | None:
    if litellm.sent(point):
        return None
    if cline.sent(point):
        return cline.read_point(point, received_at)
    return _either(point).read_point(point, received_at)


def _either(thing: Told) -> EitherSource:
    return copilot if copilot.sent(thing) else genai
