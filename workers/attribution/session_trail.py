"""What a session's events said of its work over time, what they are linked to by that, and what more of it changes.

Events of a session are not looked at one by one: those that name the same evidence, with none between them that names
another, are one run, and what is known of the session links all events of a segment of time alike.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from workers.attribution.links import BEGINNING, NO_TRUNKS, Segment, Sighting, Trunks, evidence_over_time, names_work
from workers.attribution.model import Evidence

NOTHING = Evidence()


class Span(NamedTuple):
    """From the first to the last event."""

    first: datetime
    last: datetime


class Run(NamedTuple):
    """Events that named the same evidence, none of another between them."""

    evidence: Evidence
    first: datetime
    last: datetime


class SessionTrail(NamedTuple):
    """`spans` and `linked` are by the evidence that events named themselves, nothing included."""

    runs: tuple[Run, ...] = ()
    spans: Mapping[Evidence, Span] = {}
    linked: Mapping[Evidence, tuple[Segment, ...]] = {}


class Change(NamedTuple):
    """Events counted before, from the first instant to the last, that are linked otherwise now; cuts lie between."""

    span: Span
    cuts: list[datetime]


def extend_runs(
    runs: Iterable[Run], found: Mapping[Evidence, Span], marks: Sequence[Sighting] = ()
) -> tuple[Run, ...] | None:
    """The runs with further events between these instants; None where only a look at each event could tell."""
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
    """Runs in their order, neighbours of the same evidence as one unless a mark parts them."""
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last is not None and last.evidence == run.evidence and not _parts(_parting(marks, run.evidence), last, run):
            joined[-1] = last._replace(last=run.last)
        else:
            joined.append(run)
    return tuple(joined)


def extend_spans(spans: Mapping[Evidence, Span], found: Mapping[Evidence, Span]) -> dict[Evidence, Span]:
    """The spans with further events."""
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
    """What events are linked to over time, by what they name themselves; `marks` is what else was seen."""
    owns = tuple(owns)
    if is_plain(owns, marks):
        return {own: (Segment(BEGINNING, own),) for own in owns}
    ends = [
        Sighting(instant, index.to_bytes(4, "big"), run.evidence)
        for index, run in enumerate(runs)
        for instant in (run.first, run.last)
    ]
    return evidence_over_time(owns, (*ends, *marks), trunks)


def is_plain(owns: Collection[Evidence], marks: Sequence[Sighting]) -> bool:
    """Whether nothing was seen of a session but one evidence, which is then that of all its events."""
    return not marks and len(owns) == 1


def evidence_at(segments: Sequence[Segment], instant: datetime) -> Evidence:
    """What an event of that instant is linked to."""
    if len(segments) == 1:
        return segments[0].evidence
    return segments[_index(segments, instant)].evidence


def is_one_segment(segments: Sequence[Segment], first: datetime, last: datetime) -> bool:
    """Whether all events from one instant to another are linked alike."""
    return len(segments) == 1 or _index(segments, first) == _index(segments, last)


def cuts(linked: Mapping[Evidence, Sequence[Segment]]) -> list[datetime]:
    """Every instant at which events begin to be linked otherwise."""
    return sorted({segment.begins_at for segments in linked.values() for segment in segments[1:]})


def changed(before: SessionTrail, linked: Mapping[Evidence, Sequence[Segment]]) -> Change | None:
    """Where events that were counted before may have to move; None when all of them stay."""
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
    """Where marks end a run of events that name this evidence.

    What came before a mark is for work that was told of before it, if any was. And a session was elsewhere from a mark
    of another branch or repository until an event tells of the run's again, which may be any of them.
    """
    is_work = names_work(evidence)
    return sorted(mark.occurred_at for mark in marks if is_work or _is_elsewhere(mark.evidence, evidence))


def _is_elsewhere(seen: Evidence, evidence: Evidence) -> bool:
    pairs = ((seen.branch, evidence.branch), (seen.repository, evidence.repository))
    return any(None not in pair and pair[0] != pair[1] for pair in pairs)


def _parts(instants: Sequence[datetime], one: Run, other: Run) -> bool:
    """Whether a mark lies between two runs that name the same."""
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
