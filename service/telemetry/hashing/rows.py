"""Rows for the database. They hold keyed hashes and the team's label, but no other name."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple

import msgspec
from msgspec import Struct, field

from schema.identifiers import Hasher
from service.http.event_packing import EventRow, LinkHashes
from service.telemetry.hashing.body_hashes import BodyHashes
from service.telemetry.hashing.event_identity import identities
from service.telemetry.hashing.places import Place
from service.telemetry.reading.normalised import (
    Dropped,
    EmptySpan,
    Links,
    Part,
    PointReading,
    Readings,
    SessionEvidence,
    SpanReading,
    TokenEvent,
    TokenSignal,
)
from vocabulary.session_evidence import EvidenceSource

SPAN, FAILED_SPAN, TRACE = "span", "failed_span", "trace"


class EvidenceRow(NamedTuple):
    """A row of `session_evidence`."""

    evidence_id: bytes
    session: bytes
    occurred_at: datetime
    links: LinkHashes
    source: str = EvidenceSource.RECORD
    is_start: bool = False


class SpanRow(NamedTuple):
    """A request reported by a span, and the hashes of its tally, its trace, the span and its response.

    The tally is that of the service, or of the session. `repeats_logs` is that of the reading.
    """

    event: EventRow
    tally: bytes
    trace: bytes
    place: Place
    by_session: bool = False
    repeats_logs: bool = False


class SummaryRow(NamedTuple):
    """A span that sums up requests, and what it is counted as if these are reported."""

    span: SpanRow
    dropped: Dropped


class EmptySpanRow(NamedTuple):
    """A span without tokens, and the hash of its trace."""

    trace: bytes
    place: Place


class PointRow(NamedTuple):
    """A data point: an event without tokens and id, and the value to count. Times are nanoseconds.

    The tally is that of the session or of the service. `series` identifies the cumulative series with its start, or a
    single point of a delta series.
    """

    event: EventRow
    tally: bytes
    by_session: bool
    signal: TokenSignal
    part: Part
    series: bytes
    group: bytes
    start: int
    moment: int
    value: int
    is_cumulative: bool


class LeftOutRow(NamedTuple):
    """A record that an import left out, by the hash of its id."""

    record_id: bytes
    dropped: Dropped
    tokens: int


class IntakeRows(Struct, frozen=True):
    """The rows of one request. `team_id` is set if its key is pinned to a team, and then applies to every row.

    `tallies` are those of the services of events, by the ids of the events. `superseded` are events with a tally that
    an import counts. `corrections` are withdrawals of stored events and what is left of them, with the ids of their
    teams. `metered` are the ids of events and corrections that were made from metrics.
    """

    events: Sequence[EventRow] = ()
    tallies: Mapping[bytes, bytes] = field(default_factory=dict)
    superseded: Sequence[EventRow] = ()
    evidence: Sequence[EvidenceRow] = ()
    team_id: int | None = None
    spans: Sequence[SpanRow] = ()
    points: Sequence[PointRow] = ()
    empty_spans: Sequence[EmptySpanRow] = ()
    summaries: Sequence[SummaryRow] = ()
    traces: Collection[bytes] = ()
    corrections: Sequence[tuple[int, EventRow]] = ()
    metered: Collection[bytes] = ()
    dropped: Mapping[Dropped, int] = field(default_factory=dict)
    left_out: Sequence[LeftOutRow] = ()

    @property
    def size(self) -> int:
        """Return the number of rows."""
        return (
            len(self.events)
            + len(self.evidence)
            + len(self.spans)
            + len(self.points)
            + len(self.empty_spans)
            + len(self.dropped)
            + len(self.left_out)
            + len(self.summaries)
        )


def hash_readings(
    hasher: Hasher,
    readings: Readings,
    team_id: int | None = None,
    hashes: BodyHashes | None = None,
    copies: Counter[bytes] | None = None,
) -> IntakeRows:
    """Return the rows of one body, or of a part of it; its parts share `hashes` and `copies`, see `identities`."""
    hashes = hashes or BodyHashes(hasher)
    events = [
        _event_row(hasher, hashes, event, identity)
        for event, identity in zip(readings.events, identities(readings.events, copies), strict=True)
    ]
    return IntakeRows(
        events=events,
        tallies=_tallies(hasher, zip(events, readings.events, strict=True), team_id),
        evidence=[
            row
            for evidence in (*readings.evidence, *_starts(readings))
            for row in evidence_rows(hasher, hashes, evidence)
        ],
        team_id=team_id,
        spans=[_span_row(hasher, hashes, span, team_id) for span in readings.spans],
        points=[_point_row(hasher, hashes, point, team_id) for point in readings.points],
        empty_spans=_empty_span_rows(hasher, readings.empty_spans),
        traces={hasher.reference(TRACE, trace) for trace in readings.traces},
        summaries=[SummaryRow(_span_row(hasher, hashes, one.span, team_id), one.dropped) for one in readings.summaries],
        dropped=readings.dropped,
        left_out=[
            LeftOutRow(hasher.reference("left_out", f"{one.dropped.source}/{one.record_id}"), one.dropped, one.tokens)
            for one in readings.left_out
        ],
    )


def _tallies(hasher: Hasher, events: Iterable[tuple[EventRow, TokenEvent]], team_id: int | None) -> dict[bytes, bytes]:
    services = {row.event_id: event.service for row, event in events if event.service}
    tallies = {service: _tally(hasher, service, team_id) for service in set(services.values())}
    return {event_id: tallies[service] for event_id, service in services.items()}


def _span_row(hasher: Hasher, hashes: BodyHashes, reading: SpanReading, team_id: int | None) -> SpanRow:
    """Return a span's row.

    Failed requests without tokens are deduplicated only among themselves, so that they hide no span with tokens.
    """
    (identity,) = identities([reading.event])
    row = _event_row(hasher, hashes, reading.event, identity)
    kind = FAILED_SPAN if row.only_failed else SPAN
    by_session = not reading.service and row.session is not None
    tally = row.session if by_session and row.session else _tally(hasher, reading.service, team_id)
    place = Place(
        span=hasher.reference(kind, reading.span),
        parent=hasher.reference(kind, reading.parent) if reading.parent else None,
        responses=() if row.only_failed else _responses(hasher, tally, reading.event),
    )
    trace = hasher.reference(TRACE, reading.trace)
    return SpanRow(row, tally, trace, place, by_session, reading.repeats_logs)


def _empty_span_rows(hasher: Hasher, spans: Sequence[EmptySpan]) -> list[EmptySpanRow]:
    traces = {trace: hasher.reference(TRACE, trace) for trace in {span.trace for span in spans}}
    return [
        EmptySpanRow(
            traces[span.trace],
            Place(
                hasher.reference(SPAN, f"{span.trace}/{span.span}"),
                hasher.reference(SPAN, f"{span.trace}/{span.parent}"),
                is_empty=True,
            ),
        )
        for span in spans
    ]


def _responses(hasher: Hasher, tally: bytes, event: TokenEvent) -> tuple[bytes, ...]:
    """Return the marks of a response in the minute of its end, and in the minutes before and after."""
    if not event.request:
        return ()
    minute = int(event.occurred_at.timestamp()) // 60
    output = event.tokens.output_visible + event.tokens.output_reasoning
    return tuple(
        hasher.reference("response", msgspec.json.encode((tally.hex(), event.request, output, near)))
        for near in (minute, minute - 1, minute + 1)
    )


def _point_row(hasher: Hasher, hashes: BodyHashes, reading: PointReading, team_id: int | None) -> PointRow:
    event = _event_row(hasher, hashes, reading.event, b"")
    by_session = not reading.service and event.session is not None
    tally = event.session if by_session and event.session else _tally(hasher, reading.service, team_id)
    times = (reading.start,) if reading.is_cumulative else (reading.start, reading.moment, reading.value)
    series = "/".join([tally.hex(), reading.series.hex(), *map(str, times)])
    return PointRow(
        event=event,
        tally=tally,
        by_session=by_session,
        signal=reading.signal,
        part=reading.part,
        series=hasher.reference("metric_series" if reading.is_cumulative else "metric_point", series),
        group=hasher.reference("metric_group", f"{tally.hex()}/{reading.group.hex()}"),
        start=reading.start,
        moment=reading.moment,
        value=reading.value,
        is_cumulative=reading.is_cumulative,
    )


def _tally(hasher: Hasher, service: Sequence[str], team_id: int | None) -> bytes:
    # JSON, so that different services never give the same text.
    return hasher.reference("tally", msgspec.json.encode((*service, team_id)))


def _event_row(hasher: Hasher, hashes: BodyHashes, event: TokenEvent, identity: bytes) -> EventRow:
    # Positional, because this runs for every record.
    return EventRow(
        hasher.reference("token_event", identity),
        event.occurred_at,
        hashes.team(event.team),
        event.source,
        event.provider,
        event.model,
        event.workflow,
        event.prompt_template,
        event.context_tier,
        hashes.session(event.source, event.session) if event.session else None,
        hashes.links(event.links),
        event.tokens,
        event.remembered,
        hasher.reference("model_request", event.request) if event.request else None,
        event.duration_ms,
        event.failed,
        event.cache_write_1h,
        event.service_tier,
        event.web_searches,
        event.code_executions,
        event.guardrail,
    )


def _starts(readings: Readings) -> Iterable[SessionEvidence]:
    """Return where the processes of sessions began, each at the earliest instant at which it is named."""
    starts: dict[tuple[str, str, Links], SessionEvidence] = {}
    measured = (reading.event for part in (readings.spans, readings.points) for reading in part)
    for event in chain(readings.events, measured, (reading.span.event for reading in readings.summaries)):
        if event.began is None or event.session is None:
            continue
        key = event.source, event.session, event.began
        known = starts.get(key)
        if known is None or event.occurred_at < known.occurred_at:
            starts[key] = SessionEvidence(
                agents=(event.source,),
                session=event.session,
                occurred_at=event.occurred_at,
                links=event.began,
                source=event.began_source,
                is_start=True,
            )
    return starts.values()


def evidence_rows(hasher: Hasher, hashes: BodyHashes, evidence: SessionEvidence) -> list[EvidenceRow]:
    """Return a row for each source under which token events of the session may arrive.

    What a resource says of its process is known without the instant.
    """
    links = hashes.links(evidence.links)
    begins = ("start",) if evidence.is_start else (evidence.occurred_at.isoformat(),)
    rows = []
    for agent in evidence.agents:
        session = hashes.session(agent, evidence.session)
        parts = (session, *(link or b"" for link in links))
        identity = "/".join([*begins, *(part.hex() for part in parts)])
        evidence_id = hasher.reference("session_evidence", identity)
        rows.append(EvidenceRow(evidence_id, session, evidence.occurred_at, links, evidence.source, evidence.is_start))
    return rows
