"""Requests that several spans tell."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from service.telemetry.measured.spans_once import spans_once

Span = tuple[bytes, bytes | None]


def counted(batches: list[list[Span]]) -> list[bytes]:
    """The spans that count, of several bodies one after another."""
    known: set[bytes] = set()
    names = []
    for batch in batches:
        verdict = spans_once(batch, known)
        known |= verdict.marks
        names += [span for (span, _), counts in zip(batch, verdict.counts, strict=True) if counts]
    return names


def test_spans_of_their_own_all_count_once() -> None:
    spans: list[Span] = [(b"a", None), (b"b", b"agent"), (b"c", b"agent")]
    assert counted([spans, spans, spans[::-1]]) == [b"a", b"b", b"c"]


@given(st.permutations([(b"outer", None), (b"inner", b"outer")]), st.booleans())
def test_of_a_span_and_its_parent_the_first_told_counts(order: list[Span], together: bool) -> None:
    batches = [order] if together else [[span] for span in order]
    assert counted(batches * 2) == [order[0][0]]


def test_a_parent_that_sums_its_children_up_counts_as_much_as_they_do() -> None:
    tokens = {b"agent": 30, b"first": 10, b"second": 20}
    spans: list[Span] = [(b"agent", None), (b"first", b"agent"), (b"second", b"agent")]
    for order in permutations(spans):
        reported = counted([[span] for span in order])
        if order[0][0] != b"agent" and order[1][0] == b"agent":
            assert reported == [order[0][0], order[2][0]]
        assert sum(tokens[span] for span in reported) == 30


def test_a_row_of_spans_told_as_they_end_counts_by_the_innermost() -> None:
    row: list[Span] = [(b"client", b"model"), (b"model", b"agent"), (b"agent", b"workflow"), (b"workflow", None)]
    assert counted([row]) == [b"client"]
    assert counted([[span] for span in row]) == [b"client"]
    assert counted([[span] for span in row[::-1]]) == [b"workflow"]
