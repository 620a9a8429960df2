"""From clear names to rows: what leaves this file holds keyed hashes only, and the team's label."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec import Struct

from schema.identifiers import Hasher
from schema.merge_references import number_in
from schema.tokens import TokenCounts
from service.telemetry.event_identity import identities
from service.telemetry.labels import team_label
from service.telemetry.normalised import (
    Links,
    Part,
    PointReading,
    Readings,
    SessionEvidence,
    SpanReading,
    Teller,
    TokenEvent,
)


class LinkHashes(NamedTuple):
    """The evidence columns, each 32 bytes or None."""

    artifact: bytes | None
    number: bytes | None
    commit: bytes | None
    branch: bytes | None
    repository: bytes | None


class EventRow(NamedTuple):
    """A `token_event` whose team is still a label, None for the default team.

    `request` is the hash of the provider's own id of the request, by which copies are found that others tell of.
    """

    event_id: bytes
    occurred_at: datetime
    team: str | None
    source: str
    provider: str
    model: str
    workflow: str
    prompt_template: str
    context_tier: str
    session: bytes | None
    links: LinkHashes
    tokens: TokenCounts
    remembered: bool
    request: bytes | None = None
    duration_ms: int | None = None
    failed: bool = False

    @property
    def only_failed(self) -> bool:
        """Whether it is a failed request without tokens, which counts as a failure and nothing else."""
        return self.failed and not any(self.tokens)


class EvidenceRow(NamedTuple):
    """A `session_evidence`."""

    evidence_id: bytes
    session: bytes
    occurred_at: datetime
    links: LinkHashes


class SpanRow(NamedTuple):
    """A request told by a span, and the hashes of its service's tally, of the span and of its parent."""

    event: EventRow
    tally: bytes
    span: bytes
    parent: bytes | None


class PointRow(NamedTuple):
    """A data point: an event that lacks its tokens and id, and what there is to count. Times are nanoseconds.

    `series` is the cumulative series with its start, or the one point of a delta series.
    """

    event: EventRow
    tally: bytes
    teller: Teller
    part: Part
    series: bytes
    group: bytes
    start: int
    moment: int
    value: int
    is_cumulative: bool


class IntakeRows(Struct, frozen=True):
    """The rows of one request. `team_id` is set when its key is pinned to a team, and then decides for all of them."""

    events: Sequence[EventRow] = ()
    evidence: Sequence[EvidenceRow] = ()
    team_id: int | None = None
    spans: Sequence[SpanRow] = ()
    points: Sequence[PointRow] = ()

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.events) + len(self.evidence) + len(self.spans) + len(self.points)


def hash_readings(hasher: Hasher, readings: Readings, team_id: int | None = None) -> IntakeRows:
    """The rows of one body."""
    return IntakeRows(
        events=[
            _event_row(hasher, event, identity)
            for event, identity in zip(readings.events, identities(readings.events), strict=True)
        ],
        evidence=[_evidence_row(hasher, evidence) for evidence in readings.evidence],
        team_id=team_id,
        spans=[_span_row(hasher, span, team_id) for span in readings.spans],
        points=[_point_row(hasher, point, team_id) for point in readings.points],
    )


def _span_row(hasher: Hasher, reading: SpanReading, team_id: int | None) -> SpanRow:
    """A failed request without tokens is one with the failures above and below it, and hides no span with tokens."""
    (identity,) = identities([reading.event])
    row = _event_row(hasher, reading.event, identity)
    kind = "failed_span" if row.only_failed else "span"
    return SpanRow(
        event=row,
        tally=_tally(hasher, reading.service, team_id),
        span=hasher.reference(kind, reading.span),
        parent=hasher.reference(kind, reading.parent) if reading.parent else None,
    )


def _point_row(hasher: Hasher, reading: PointReading, team_id: int | None) -> PointRow:
    tally = _tally(hasher, reading.service, team_id)
    times = (reading.start,) if reading.is_cumulative else (reading.start, reading.moment, reading.value)
    series = "/".join([tally.hex(), reading.series.hex(), *map(str, times)])
    return PointRow(
        event=_event_row(hasher, reading.event, ""),
        tally=tally,
        teller=reading.teller,
        part=reading.part,
        series=hasher.reference("metric_series" if reading.is_cumulative else "metric_point", series),
        group=hasher.reference("metric_group", f"{tally.hex()}/{reading.group.hex()}"),
        start=reading.start,
        moment=reading.moment,
        value=reading.value,
        is_cumulative=reading.is_cumulative,
    )


def _tally(hasher: Hasher, service: Sequence[str], team_id: int | None) -> bytes:
    # JSON, so that no two services read alike.
    return hasher.reference("tally", msgspec.json.encode((*service, team_id)).decode())


def _event_row(hasher: Hasher, event: TokenEvent, identity: str) -> EventRow:
    return EventRow(
        event_id=hasher.reference("token_event", identity),
        occurred_at=event.occurred_at,
        team=team_label(event.team),
        source=event.source,
        provider=event.provider,
        model=event.model,
        workflow=event.workflow,
        prompt_template=event.prompt_template,
        context_tier=event.context_tier,
        session=hasher.session(event.source, event.session) if event.session else None,
        links=_link_hashes(hasher, event.links),
        tokens=event.tokens,
        remembered=event.remembered,
        request=hasher.reference("model_request", event.request) if event.request else None,
        duration_ms=event.duration_ms,
        failed=event.failed,
    )


def _evidence_row(hasher: Hasher, evidence: SessionEvidence) -> EvidenceRow:
    session = hasher.session(evidence.source, evidence.session)
    links = _link_hashes(hasher, evidence.links)
    parts = (session, *(link or b"" for link in links))
    identity = "/".join([evidence.occurred_at.isoformat(), *(part.hex() for part in parts)])
    return EvidenceRow(
        evidence_id=hasher.reference("session_evidence", identity),
        session=session,
        occurred_at=evidence.occurred_at,
        links=links,
    )


def _link_hashes(hasher: Hasher, links: Links) -> LinkHashes:
    """A branch that a forge made for a pull request, such as a merge queue's, counts as its number."""
    named = None if links.branch is None else number_in(links.branch)
    number = links.number or named
    return LinkHashes(
        artifact=links.artifact,
        number=None if number is None else hasher.number(number),
        commit=None if links.commit is None else hasher.commit(links.commit),
        branch=None if links.branch is None or named else hasher.branch(links.branch),
        repository=None if links.repository is None else hasher.repository_by_name(links.repository),
    )
