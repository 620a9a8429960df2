"""A session's evidence over time, the links that follow from it, and what further events change.

Events are not read one by one: events that name the same evidence without others in between form one run, and a
session's evidence links all events of a time segment alike.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from workers.attribution.links import BEGINNING, NO_TRUNKS, Segment, Sighting, Trunks, evidence_over_time, names_work
from workers.attribution.model import Evidence

NOTHING = Evidence()
# Evidence times sightings of one session that are compared. A session on 300 branches in turn stays below.
COMPARISONS = 250_000


class Span(NamedTuple):
    """From the first to the last event."""

    first: datetime
    last: datetime


class Run(NamedTuple):
    """Events that name the same evidence, without others in between."""

    evidence: Evidence
    first: datetime
    last: datetime


class SessionTrail(NamedTuple):
    """`spans` and `linked` are keyed by the evidence that events name themselves, which may be empty."""

    runs: tuple[Run, ...] = ()
    spans: Mapping[Evidence, Span] = {}
    linked: Mapping[Evidence, tuple[Segment, ...]] = {}


class Change(NamedTuple):
    """Folded events between two instants that are now linked otherwise; `cuts` lie between."""

    span: Span
    cuts: list[datetime]


def extend_runs(
    runs: Iterable[Run], found: Mapping[Evidence, Span], marks: Sequence[Sighting] = ()
) -> tuple[Run, ...] | None:
    """Return the runs extended by new events; None if that requires reading each event."""
    extended: list[Run] = []
    further = (Run(evidence, *span) for evidence, span in found.items() if evidence != NOTHING)
    for run in sorted((*runs, *further), key=_first_and_last):
        last = extended[-1] if extended else None
        instants = _parting(marks, run.evidence)
        if _lies_between(instants, run.first, run.last):
            return None
        is_more = last is not None and last.evidence == run.evidence and not _parts(instants, last, run)
        if last is None or (last.last < run.first and not is_more):
            extended.append(run)
        elif is_more:
            extended[-1] = last._replace(last=max(last.last, run.last))
        else:
            return None
    return tuple(extended)


def join_runs(runs: Iterable[Run], marks: Sequence[Sighting] = ()) -> tuple[Run, ...]:
    """Join neighbouring runs of the same evidence, unless a mark separates them."""
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last is not None and last.evidence == run.evidence and not _parts(_parting(marks, run.evidence), last, run):
            joined[-1] = last._replace(last=run.last)
        else:
            joined.append(run)
    return tuple(joined)


def extend_spans(spans: Mapping[Evidence, Span], found: Mapping[Evidence, Span]) -> dict[Evidence, Span]:
    """Return the spans extended by new events."""
    extended = dict(spans)
    for evidence, span in found.items():
        known = extended.get(evidence, span)
        extended[evidence] = Span(min(known.first, span.first), max(known.last, span.last))
    return extended


def link(
    runs: Sequence[Run],
    owns: Iterable[Evidence],
    marks: Sequence[Sighting] = (),
    trunks: Trunks = NO_TRUNKS,
) -> dict[Evidence, tuple[Segment, ...]]:
    """Return what events are linked to over time, by the evidence they name; `marks` are other sightings.

    In a session that is in more places than people or agents can be, events are linked to what they name themselves.
    """
    owns = tuple(owns)
    if is_plain(owns, marks) or len(owns) * (2 * len(runs) + len(marks)) > COMPARISONS:
        return {own: (Segment(BEGINNING, own),) for own in owns}
    ends = [
        Sighting(instant, index.to_bytes(4, "big"), run.evidence)
        for index, run in enumerate(runs)
        for instant in (run.first, run.last)
    ]
    return evidence_over_time(owns, (*ends, *marks), trunks)


def is_plain(owns: Collection[Evidence], marks: Sequence[Sighting]) -> bool:
    """Return whether a session has only one evidence, which then applies to all its events."""
    return not marks and len(owns) == 1


def evidence_at(segments: Sequence[Segment], instant: datetime) -> Evidence:
    """Return the evidence that an event of that instant is linked to."""
    if len(segments) == 1:
        return segments[0].evidence
    return segments[_index(segments, instant)].evidence


def is_one_segment(segments: Sequence[Segment], first: datetime, last: datetime) -> bool:
    """Return whether all events between two instants are linked alike."""
    return len(segments) == 1 or _index(segments, first) == _index(segments, last)


def cuts(linked: Mapping[Evidence, Sequence[Segment]]) -> list[datetime]:
    """Return every instant at which links change."""
    return sorted({segment.begins_at for segments in linked.values() for segment in segments[1:]})


def changed(before: SessionTrail, linked: Mapping[Evidence, Sequence[Segment]]) -> Change | None:
    """Return where folded events may have to move; None when all of them stay."""
    spans = []
    for own, span in before.spans.items():
        old, new = before.linked[own], linked[own]
        if old == new:
            continue
        begun = {each.begins_at for each in (*old, *new) if span.first < each.begins_at <= span.last}
        starts = sorted({span.first, *begun})
        for start, end in zip(starts, [*starts[1:], span.last], strict=True):
            if evidence_at(old, start) != evidence_at(new, start):
                spans.append(Span(start, end))
    if not spans:
        return None
    whole = Span(min(span.first for span in spans), max(span.last for span in spans))
    return Change(whole, sorted({*cuts(before.linked), *cuts(linked)}))


def _parting(marks: Sequence[Sighting], evidence: Evidence) -> list[datetime]:
    """Return when marks end a run of events that name this evidence.

    Work named before a mark belongs to what came before it. And from a mark of another branch or repository, the
    session was elsewhere until an event names the run's evidence again, which may be any of them.
    """
    is_work = names_work(evidence)
    return sorted(mark.occurred_at for mark in marks if is_work or _is_elsewhere(mark.evidence, evidence))


def _is_elsewhere(seen: Evidence, evidence: Evidence) -> bool:
    pairs = ((seen.branch, evidence.branch), (seen.repository, evidence.repository))
    return any(one is not None and other is not None and one != other for one, other in pairs)


def _parts(instants: Sequence[datetime], one: Run, other: Run) -> bool:
    """Return whether a mark lies between two runs of the same evidence."""
    return _lies_between(instants, one.last, other.first)


def _lies_between(instants: Sequence[datetime], first: datetime, last: datetime) -> bool:
    index = bisect_left(instants, first)
    return first < last and index < len(instants) and instants[index] <= last


def _index(segments: Sequence[Segment], instant: datetime) -> int:
    return bisect_right(segments, instant, key=_begins_at) - 1


def _begins_at(segment: Segment) -> datetime:
    return segment.begins_at


def _first_and_last(run: Run) -> tuple[datetime, datetime]:
    return run.first, run.last
