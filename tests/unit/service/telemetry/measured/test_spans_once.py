"""Requests that several spans tell."""

from collections.abc import Sequence
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from service.telemetry.hashing.places import Place
from service.telemetry.measured.spans_once import nested, spans_once

Span = tuple[bytes, bytes | None]
Placed = Span | tuple[bytes, bytes | None, tuple[bytes, ...]] | tuple[bytes, bytes | None, tuple[bytes, ...], bool]


def counted(batches: Sequence[Sequence[Placed]]) -> list[bytes]:
    """The spans that count, of several bodies one after another."""
    known: set[bytes] = set()
    names = []
    for batch in batches:
        verdict = spans_once([Place(*each) for each in batch], known)
        known |= verdict.marks
        names += [each[0] for each, counts in zip(batch, verdict.counts, strict=True) if counts]
    return names


def test_spans_of_their_own_all_count_once() -> None:
    spans: list[Span] = [(b"a", None), (b"b", b"agent"), (b"c", b"agent")]
    assert counted([spans, spans, spans[::-1]]) == [b"a", b"b", b"c"]


@given(st.permutations([(b"outer", None), (b"inner", b"outer")]), st.booleans())
def test_of_a_span_and_its_parent_the_first_reported_counts(order: list[Span], together: bool) -> None:
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


def test_nested_spans_reported_as_they_end_count_by_the_innermost() -> None:
    row: list[Span] = [(b"client", b"model"), (b"model", b"agent"), (b"agent", b"workflow"), (b"workflow", None)]
    assert counted([row]) == [b"client"]
    assert counted([[span] for span in row]) == [b"client"]
    assert counted([[span] for span in row[::-1]]) == [b"workflow"]


@given(st.integers(0, 5), st.booleans())
def test_levels_without_tokens_between_a_sum_and_its_parts_change_nothing(levels: int, together: bool) -> None:
    empty = [(f"{n}".encode(), f"{n + 1}".encode(), (), True) for n in range(levels)]
    row: list[Placed] = [(b"model", b"0"), *empty, (f"{levels}".encode(), None)]
    for order, right in ((row, [b"model"]), (row[::-1], [f"{levels}".encode()])):
        batches = [order] if together else [[each] for each in order]
        assert counted([*batches, *batches]) == right


def test_levels_without_tokens_alone_store_nothing() -> None:
    assert spans_once([Place(b"a", b"b", (), True), Place(b"b", None, (), True)], set()).marks == set()


@given(st.permutations(range(5)))
def test_levels_of_one_body_pass_on_what_they_know_in_any_order(order: list[int]) -> None:
    empty = [Place(f"{n}".encode(), f"{n + 1}".encode(), (), True) for n in order]
    model, agent = Place(b"model", b"0"), Place(b"5", None)
    assert counted([list(nested(empty, [model, agent]))]) == [b"model"]
    assert counted([list(nested(empty, [agent, model]))]) == [b"5"]
    assert counted([[model], list(nested(empty, [])), [agent]]) == [b"model"]


def test_parents_in_a_circle_end_somewhere() -> None:
    circle = [Place(b"a", b"b", (), True), Place(b"b", b"a", (), True)]
    assert counted([list(nested(circle, [Place(b"model", b"a")]))]) == [b"model"]


def test_two_roots_that_report_one_response_count_once() -> None:
    first, second = (b"a", None, (b"at 7", b"at 6", b"at 8")), (b"b", b"framework", (b"at 8", b"at 7", b"at 9"))
    sum_above: Placed = (b"framework", None)
    for order in ([first, second], [second, first]):
        assert counted([order, order]) == [order[0][0]]
        assert counted([[each] for each in order] * 2) == [order[0][0]]
    assert counted([[first, second, sum_above]]) == [b"a"]


def test_a_response_id_that_comes_again_later_is_another_request() -> None:
    first, later = (b"a", None, (b"at 7", b"at 6", b"at 8")), (b"b", None, (b"at 9", b"at 8", b"at 10"))
    assert counted([[first, later]]) == [b"a", b"b"]
