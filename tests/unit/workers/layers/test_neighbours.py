from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workers.layers.tellings import AGENT, GATEWAY, NOON, TELLINGS, reported
from vocabulary.layers import ORDER
from workers.layers.copies import find_copies
from workers.layers.neighbours import Span, connected, merge_spans, spans_beyond
from workers.layers.reports import FAR, RequestReport


def names(members: list[RequestReport]) -> set[bytes]:
    return {each.event_id for each in members}


def test_reports_that_compete_for_a_counterpart_are_connected() -> None:
    chain = [
        reported("a1", AGENT, 0),
        reported("g1", GATEWAY, 50),
        reported("a2", AGENT, 100),
        reported("new", GATEWAY, 150),
    ]
    others = [reported("later", AGENT, 300), reported("unlike", AGENT, 150, 7_000)]
    assert names(connected([*chain, *others], [b"new"])) == {b"a1", b"g1", b"a2", b"new"}


def test_nothing_hangs_together_with_what_is_not_there() -> None:
    assert connected([reported("a", AGENT, 0)], [b"elsewhere"]) == []


def test_neighbours_may_lie_beyond_what_was_looked_at() -> None:
    one = [reported("a", AGENT, 30)]
    enough = [Span(NOON - FAR, NOON), Span(NOON, NOON + 2 * FAR)]
    assert spans_beyond(one, enough) == []
    assert spans_beyond(one, [Span(NOON, NOON + 2 * FAR)]) == [Span(NOON - FAR / 2, NOON)]
    assert spans_beyond(one, [Span(NOON - FAR, NOON + FAR)]) == [Span(NOON + FAR, NOON + 1.5 * FAR)]
    assert spans_beyond([], []) == []


@given(TELLINGS, st.data())
def test_pairing_connected_reports_equals_pairing_all_reports(
    tellings: list[RequestReport], data: st.DataObject
) -> None:
    new = data.draw(st.sets(st.sampled_from(sorted(each.event_id for each in tellings)))) if tellings else set()
    together = connected(tellings, new)
    members = names(together)
    assert new <= members
    of_all = find_copies(tellings, ORDER)
    assert {copy: counted for copy, counted in of_all.items() if copy in members or counted in members} == find_copies(
        [each for each in tellings if each.event_id in members], ORDER
    )


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), max_size=8))
def test_merged_spans_cover_the_same_time_and_do_not_meet(pairs: list[tuple[int, int]]) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    second = timedelta(seconds=1)
    spans = [Span(start + begins * second, start + (begins + length) * second) for begins, length in pairs]
    merged = merge_spans(spans)
    assert all(before.ends < after.begins for before, after in pairwise(merged))
    for moment in (start + number * second / 2 for number in range(125)):
        assert any(span.begins <= moment <= span.ends for span in spans) == any(
            span.begins <= moment <= span.ends for span in merged
        )
