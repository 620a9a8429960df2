"""Runs and segments say the same of sessions as their single events do."""

import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import TypeAlias

from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.workers.attribution.builders import at
from workers.attribution import links
from workers.attribution.links import Sighting, names_work
from workers.attribution.model import Evidence
from workers.attribution.relink import Sessions
from workers.attribution.session_trail import (
    NOTHING,
    Run,
    SessionTrail,
    Span,
    changed,
    cuts,
    evidence_at,
    extend_runs,
    is_one_segment,
    link,
)

Mark: TypeAlias = tuple[int, Evidence, bool, int]

SESSION = b"session"
MAIN, FIX, TOP = (Evidence(branch=name, repository=b"shop") for name in (b"main", b"fix", b"top"))
WORK = Evidence(number=b"7")
OWNS = (NOTHING, MAIN, FIX, TOP, Evidence(branch=b"fix"), Evidence(repository=b"shop"), Evidence(repository=b"other"))
TRUNKS = {b"shop": frozenset({b"main"}), None: frozenset({b"main"})}

# Of one session, each at an instant of its own: what it names itself, and the batch that it comes with.
events = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from((*OWNS, WORK)), st.integers(0, 2)),
    min_size=1,
    max_size=14,
    unique_by=lambda event: event[0],
)
SEEN = (Evidence(commit=b"c"), Evidence(commit=b"d", branch=b"fix"), TOP, WORK, Evidence(branch=b"main"))
# Also where processes of the session began. The last number is the batch with which it comes.
marks = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(SEEN), st.booleans(), st.integers(0, 2)),
    max_size=4,
    unique_by=lambda mark: mark[0],
)


def minute(number: int, half: int = 0) -> float:
    """Events lie on whole minutes, marks between them."""
    return 9 + number / 60 + half / 120


def sighting(mark: Mark) -> Sighting:
    number, evidence, is_start, _ = mark
    return Sighting(at(minute(number, 1)), b"mark%d" % number, evidence, is_start=is_start and not names_work(evidence))


def each_looked_at(events: Sequence[Sighting], seen: Sequence[Sighting]) -> dict[bytes, Evidence]:
    """The evidence of each event, by a trail built for it alone and asked at its instant."""
    sightings = links.in_order([*events, *seen])
    return {
        event.key: links.Trail(sightings, event.evidence.repository, TRUNKS).complete(event.evidence, event.occurred_at)
        for event in events
    }


def runs_of(events: Sequence[Sighting], seen: Sequence[Sighting]) -> list[Run]:
    """As the database finds them: marks end a run, too."""
    reported = [(each.occurred_at, each.evidence) for each in events if each.evidence != NOTHING]
    in_time = sorted([*reported, *((each.occurred_at, None) for each in seen)], key=lambda each: each[0])
    runs = []
    for evidence, of_run in groupby(in_time, key=lambda each: each[1]):
        instants = [instant for instant, _ in of_run]
        if evidence is not None:
            runs.append(Run(evidence, instants[0], instants[-1]))
    return runs


# A branch, then another, then the first again; and work before and after a commit.
@example(
    [(0, FIX, 0), (1, FIX, 0), (2, NOTHING, 0), (3, FIX, 0), (5, FIX, 1), (6, NOTHING, 1)],
    [(0, TOP, False, 0), (4, TOP, False, 0)],
)
@example(
    [(0, WORK, 0), (1, NOTHING, 0), (2, WORK, 0), (3, WORK, 0), (5, WORK, 1)], [(2, Evidence(commit=b"c"), False, 0)]
)
@given(events, marks)
def test_events_that_come_in_batches_are_linked_as_if_each_were_looked_at(
    reported: list[tuple[int, Evidence, int]], seen: list[Mark]
) -> None:
    sightings = [Sighting(at(minute(number)), number.to_bytes(2, "big"), own) for number, own, _ in reported]
    trail: dict[bytes, SessionTrail] = {}
    for batch in range(3):
        evidence = [sighting(mark) for mark in seen if mark[-1] <= batch]
        new = [each for each, (*_, of) in zip(sightings, reported, strict=True) if of == batch]
        until_now = [each for each, (*_, of) in zip(sightings, reported, strict=True) if of <= batch]
        found: dict[Evidence, Span] = {}
        for each in new:
            known = found.get(each.evidence, Span(each.occurred_at, each.occurred_at))
            found[each.evidence] = Span(min(known.first, each.occurred_at), max(known.last, each.occurred_at))
        sessions = Sessions(trail, {SESSION: found}, {SESSION: evidence})
        if sessions.extend():
            sessions.disentangle({SESSION: runs_of(until_now, evidence)})
        sessions.link(TRUNKS)
        trail = sessions.after
        linked = each_looked_at(until_now, evidence)
        for each in until_now:
            assert evidence_at(trail[SESSION].linked[each.evidence], each.occurred_at) == linked[each.key]


@given(events, marks, marks)
def test_events_outside_of_what_changed_are_linked_as_before(
    reported: list[tuple[int, Evidence, int]], first: list[Mark], second: list[Mark]
) -> None:
    sightings = [Sighting(at(minute(number)), number.to_bytes(2, "big"), own) for number, own, _ in reported]
    spans = {
        own: Span(
            min(each.occurred_at for each in sightings if each.evidence == own),
            max(each.occurred_at for each in sightings if each.evidence == own),
        )
        for own in {each.evidence for each in sightings}
    }
    runs = tuple(runs_of(sightings, ()))
    earlier, later = (link(runs, spans, [sighting(mark) for mark in seen], TRUNKS) for seen in (first, second))
    change = changed(SessionTrail(runs, spans, earlier), later)
    for each in sightings:
        old, new = (evidence_at(linked[each.evidence], each.occurred_at) for linked in (earlier, later))
        if old != new:
            assert change is not None
            assert change.span.first <= each.occurred_at <= change.span.last
    if change is not None:
        edges = [change.span.first, *(cut for cut in change.cuts if cut > change.span.first)]
        for begins, ends in zip(edges, [*edges[1:], change.span.last + timedelta(microseconds=1)], strict=True):
            for linked in (earlier, later):
                for segments in linked.values():
                    assert is_one_segment(segments, begins, max(begins, ends - timedelta(microseconds=1)))


def test_a_run_that_lies_within_another_needs_a_look_at_each_event() -> None:
    runs = (Run(FIX, at(9), at(11)),)
    assert extend_runs(runs, {MAIN: Span(at(10), at(10))}) is None
    assert extend_runs(runs, {MAIN: Span(at(8), at(9))}) is None
    assert extend_runs(
        runs, {MAIN: Span(at(12), at(13)), FIX: Span(at(10), at(11.5)), NOTHING: Span(at(9), at(13))}
    ) == (
        Run(FIX, at(9), at(11.5)),
        Run(MAIN, at(12), at(13)),
    )


def test_a_session_of_which_one_evidence_alone_was_seen_is_linked_to_it_at_all_times() -> None:
    linked = link((Run(MAIN, at(9), at(10)),), (MAIN,), trunks=TRUNKS)
    assert cuts(linked) == []
    assert evidence_at(linked[MAIN], at(23)) == MAIN


def test_events_from_before_the_first_that_still_lives_are_known_from_before() -> None:
    before = {SESSION: SessionTrail((Run(FIX, at(1), at(9.5)), Run(MAIN, at(10), at(11))))}
    sessions = Sessions(before, {}, {})
    sessions.disentangle({SESSION: [Run(TOP, at(9), at(9)), Run(MAIN, at(10), at(11))]})
    runs = sessions.runs[SESSION]
    assert [(run.evidence, run.first) for run in runs] == [(FIX, at(1)), (TOP, at(9)), (MAIN, at(10))]
    assert runs[0].last < at(9)


def test_a_session_in_more_places_than_anyone_can_be_is_linked_to_what_its_events_name() -> None:
    owns = [Evidence(branch=f"branch {number}".encode(), repository=b"shop") for number in range(5_000)]
    runs = [Run(own, at(minute(number)), at(minute(number))) for number, own in enumerate(owns)]
    began = time.process_time()
    linked = link(runs, owns)
    assert time.process_time() - began < 1.0
    assert all(evidence_at(linked[own], at(9)) == own for own in owns)
