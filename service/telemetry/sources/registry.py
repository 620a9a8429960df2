"""The sources in order: the first that recognises a record reads it; what none recognises is dropped."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from service.telemetry import links
from service.telemetry.normalised import Readings, SessionEvidence, TokenEvent, UnusableRecordError
from service.telemetry.records import Record
from service.telemetry.sources import claude_code, codex, gemini_cli


class Source(Protocol):
    """What a source file offers."""

    NAME: str
    ATTRIBUTES: frozenset[str]

    def recognises(self, record: Record) -> bool:
        """Whether the source sent it."""

    def read(self, record: Record, received_at: datetime) -> TokenEvent | SessionEvidence | None:
        """What it says, or None when it is of no interest. Raises UnusableRecordError."""


SOURCES: tuple[Source, ...] = (codex, gemini_cli, claude_code)

# The allow-list: no other attribute is copied out of a body.
WANTED_ATTRIBUTES = links.ATTRIBUTES.union(*(source.ATTRIBUTES for source in SOURCES))


def read_records(records: Iterable[Record], received_at: datetime) -> Readings:
    """What the records say; unusable ones are counted and do not hinder the others."""
    events: list[TokenEvent] = []
    evidence: list[SessionEvidence] = []
    rejected = 0
    for record in records:
        source = next((source for source in SOURCES if source.recognises(record)), None)
        if source is None:
            continue
        try:
            reading = source.read(record, received_at)
        except UnusableRecordError:
            rejected += 1
            continue
        if isinstance(reading, TokenEvent):
            events.append(reading)
        elif reading is not None:
            evidence.append(reading)
    return Readings(events, evidence, rejected)
