"""Updates sessions while folding: extends their trails with new events, and moves events that link elsewhere."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from workers.attribution import session_trail
from workers.attribution.links import Sighting, Trunks
from workers.attribution.model import Evidence
from workers.attribution.session_trail import Change, Run, SessionTrail, Span
from workers.attribution.windows import EventGroup, Move

_JUST_BEFORE = timedelta(microseconds=1)
_NEW = SessionTrail()


@dataclass(slots=True)
class Sessions:
    """Sessions being relinked: their stored trails `before`, and the spans of new events `found`."""

    before: Mapping[bytes, SessionTrail]
    found: Mapping[bytes, Mapping[Evidence, Span]]
    marks: Mapping[bytes, Sequence[Sighting]]
    runs: dict[bytes, Sequence[Run]] = field(default_factory=dict)
    after: dict[bytes, SessionTrail] = field(default_factory=dict)
    changes: dict[bytes, Change] = field(default_factory=dict)

    def extend(self) -> list[bytes]:
        """Add new events to the runs; return sessions whose single events must be read."""
        entangled = []
        for session in {*self.before, *self.found}:
            runs = session_trail.extend_runs(
                self.before.get(session, _NEW).runs, self.found.get(session, {}), self.marks.get(session, ())
            )
            if runs is None:
                entangled.append(session)
            else:
                self.runs[session] = runs
        return entangled

    def disentangle(self, runs_read: Mapping[bytes, Sequence[Run]]) -> None:
        """Use the runs read from single events; keep stored runs from before the oldest event that still exists."""
        for session, runs in runs_read.items():
            if not runs:
                self.runs[session] = self.before.get(session, _NEW).runs
                continue
            begins = runs[0].first
            older = [
                run._replace(last=min(run.last, begins - _JUST_BEFORE))
                for run in self.before.get(session, _NEW).runs
                if run.first < begins
            ]
            self.runs[session] = session_trail.join_runs((*older, *runs), self.marks.get(session, ()))

    def seen(self) -> Iterable[Evidence]:
        """Yield all evidence whose branches may be trunks, where that matters."""
        for session, runs in self.runs.items():
            marks = self.marks.get(session, ())
            if not session_trail.is_plain(self._owns(session), marks):
                yield from (run.evidence for run in runs)
                yield from (mark.evidence for mark in marks)

    def link(self, trunks: Trunks) -> None:
        """Link all events of the sessions, and find which events folded before must move."""
        for session, runs in self.runs.items():
            before, found = self.before.get(session, _NEW), self.found.get(session, {})
            spans = session_trail.extend_spans(before.spans, found) if found else before.spans
            linked = session_trail.link(runs, spans, self.marks.get(session, ()), trunks)
            self.after[session] = SessionTrail(tuple(runs), spans, linked)
            if before.spans and (change := session_trail.changed(before, linked)):
                self.changes[session] = change

    def with_events(self) -> dict[bytes, SessionTrail]:
        """Return the trails of sessions with new events."""
        return {session: trail for session, trail in self.after.items() if session in self.found}

    def without_events(self) -> dict[bytes, SessionTrail]:
        """Return the trails of sessions without new events."""
        return {session: trail for session, trail in self.after.items() if session not in self.found}

    def cuts(self) -> dict[bytes, list[datetime]]:
        """Return when links change, for sessions whose new events are not all linked alike."""
        return {
            session: session_trail.cuts(self.after[session].linked)
            for session, spans in self.found.items()
            if not all(session_trail.is_one_segment(self.after[session].linked[own], *spans[own]) for own in spans)
        }

    def place(self, groups: Iterable[EventGroup]) -> list[Move]:
        """Return moves for new events, each group linked alike."""
        return [Move(group, None, self._evidence(self.after, group)) for group in groups]

    def take(self, groups: Iterable[EventGroup]) -> list[Move]:
        """Return moves for events that no longer count, each group linked alike."""
        return [Move(group, self._evidence(self.after, group), None) for group in groups]

    def move(self, groups: Iterable[EventGroup]) -> list[Move]:
        """Return moves for events folded before, each group linked alike before and now."""
        moves = (Move(group, self._evidence(self.before, group), self._evidence(self.after, group)) for group in groups)
        return [move for move in moves if move.before != move.after]

    def _owns(self, session: bytes) -> Collection[Evidence]:
        return {*self.before.get(session, _NEW).spans, *self.found.get(session, {})}

    def _evidence(self, trails: Mapping[bytes, SessionTrail], group: EventGroup) -> Evidence:
        if group.session is None:
            return group.evidence
        return session_trail.evidence_at(trails[group.session].linked[group.evidence], group.first)


def join_spans(spans: Iterable[tuple[bytes | None, Evidence, Span]]) -> dict[bytes, dict[Evidence, Span]]:
    """Return the spans of events, by session and by the evidence they name themselves."""
    found = defaultdict[bytes, dict[Evidence, Span]](dict)
    for session, evidence, (first, last) in spans:
        if session is not None:
            known = found[session].get(evidence)
            joined = Span(first, last) if known is None else Span(min(known.first, first), max(known.last, last))
            found[session][evidence] = joined
    return dict(found)
