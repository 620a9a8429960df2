"""The sources in order: the first that sent a thing reads it; what none recognises is dropped.

Each agent has one canonical signal. Where that is a log, its spans and metrics tell the same tokens again, and are
dropped before any source for unknown services could take them.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

from service.telemetry import links
from service.telemetry.normalised import Readings, Reason, SessionEvidence, TokenEvent, UnusableRecordError
from service.telemetry.records import Record, Signal, Span, Told
from service.telemetry.sources import claude_code, codex, gemini_cli, litellm, vercel_ai
from service.telemetry.wanted import Wanted

Reading: TypeAlias = TokenEvent | SessionEvidence | None

IN_LOGS = (codex, gemini_cli, claude_code)
IN_SPANS = (litellm, vercel_ai)

WANTED: dict[Signal, Wanted] = {
    Signal.LOGS: Wanted(links.ATTRIBUTES.union(*(source.ATTRIBUTES for source in IN_LOGS))),
    Signal.TRACES: Wanted(links.ATTRIBUTES.union(*(source.ATTRIBUTES for source in IN_SPANS))),
    Signal.METRICS: Wanted(),
}


def read_all(things: Iterable[Told], received_at: datetime) -> Readings:
    """What log records, spans and data points say; unusable ones are counted and do not hinder the others."""
    events: list[TokenEvent] = []
    evidence: list[SessionEvidence] = []
    rejections: Counter[Reason] = Counter()
    for thing in things:
        try:
            reading = _read(thing, received_at)
        except UnusableRecordError as error:
            rejections[error.reason] += 1
            continue
        if isinstance(reading, TokenEvent):
            events.append(reading)
        elif reading is not None:
            evidence.append(reading)
    return Readings(events, evidence, rejections)


def _read(thing: Told, received_at: datetime) -> Reading:
    if isinstance(thing, Record):
        return next((source.read(thing, received_at) for source in IN_LOGS if source.recognises(thing)), None)
    if any(agent.sent(thing) for agent in IN_LOGS):
        return None
    if isinstance(thing, Span):
        return next((source.read(thing, received_at) for source in IN_SPANS if source.sent(thing)), None)
    return None
