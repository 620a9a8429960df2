"""Counting once what several signals of a service tell."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.telemetry.measured.tallies import SignalTotal, add_tokens, cut
from service.telemetry.reading.normalised import TokenSignal
from vocabulary.tokens import TokenCounts, sum_tokens

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
COUNTS = st.integers(0, 1000)
TOKENS = st.builds(TokenCounts, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
SAYING = st.tuples(
    st.sampled_from(list(TokenSignal)), TOKENS, st.integers(0, 600).map(lambda s: NOON + timedelta(seconds=s))
)
Saying = tuple[TokenSignal, TokenCounts, datetime]


def count(sayings: Sequence[Saying]) -> list[TokenCounts]:
    tally = dict.fromkeys(TokenSignal, SignalTotal())
    counted = []
    for signal, tokens, moment in sayings:
        tally[signal], new = add_tokens(tally, signal, tokens, moment)
        counted.append(new)
    return counted


def sides(tokens: TokenCounts) -> tuple[int, int]:
    return sum(tokens[:3]), sum(tokens[3:])


@given(st.lists(SAYING, max_size=12), st.randoms(use_true_random=False))
def test_the_total_is_the_largest_of_the_signals_sums_in_any_order(sayings: list[Saying], order: object) -> None:
    sums = [sides(sum_tokens(tokens for name, tokens, _ in sayings if name is signal)) for signal in TokenSignal]
    shuffled = sorted(sayings, key=lambda _: order.random())  # type: ignore[attr-defined] # hypothesis' own class
    for reported in (sayings, shuffled):
        counted = count(reported)
        assert all(kind >= 0 for tokens in counted for kind in tokens)
        assert sides(sum_tokens(counted)) == tuple(max(side) for side in zip(*sums, strict=True))


def test_metrics_that_follow_their_spans_add_nothing() -> None:
    span = (TokenSignal.SPANS, TokenCounts(600, 900, 0, 47, 33), NOON)
    metric = (TokenSignal.COUNTERS, TokenCounts(1500, 0, 0, 80, 0), NOON + timedelta(seconds=60))
    assert count([span, metric]) == [span[1], TokenCounts()]


def test_spans_that_follow_their_metrics_add_nothing() -> None:
    metric = (TokenSignal.HISTOGRAM, TokenCounts(1500, 0, 0, 80, 0), NOON)
    span = (TokenSignal.SPANS, TokenCounts(600, 900, 0, 47, 33), NOON)
    assert count([metric, span]) == [metric[1], TokenCounts()]


def test_metrics_count_instead_of_sampled_spans() -> None:
    spans = [(TokenSignal.SPANS, TokenCounts(10), NOON)]
    metrics = [(TokenSignal.COUNTERS, TokenCounts(100), NOON)]
    assert sum_tokens(count(spans + metrics)).total == 100


def test_a_signal_that_takes_over_counts_from_then_on() -> None:
    metrics = [(TokenSignal.COUNTERS, TokenCounts(1000), NOON)]
    later = [(TokenSignal.SPANS, TokenCounts(7), NOON + timedelta(days=2)), (TokenSignal.SPANS, TokenCounts(5), NOON)]
    assert [tokens.total for tokens in count(metrics + later)] == [1000, 7, 0]


def test_a_signal_that_falls_silent_for_a_while_is_not_taken_over() -> None:
    metrics = [(TokenSignal.COUNTERS, TokenCounts(1000), NOON)]
    later = [(TokenSignal.SPANS, TokenCounts(7), NOON + timedelta(hours=23))]
    assert [tokens.total for tokens in count(metrics + later)] == [1000, 0]


@given(TOKENS, st.data())
def test_a_cut_leaves_exactly_what_is_new(tokens: TokenCounts, data: st.DataObject) -> None:
    total_input, total_output = sides(tokens)
    new_input, new_output = data.draw(st.integers(0, total_input)), data.draw(st.integers(0, total_output))
    left = cut(tokens, new_input, new_output)
    assert sides(left) == (new_input, new_output)
    assert all(0 <= kind <= whole for kind, whole in zip(left, tokens, strict=True))
