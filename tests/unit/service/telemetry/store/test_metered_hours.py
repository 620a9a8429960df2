"""Sums of an hour, of which metrics and imports each report a part or all."""

from hypothesis import given
from hypothesis import strategies as st

from service.telemetry.store.metered_hours import absorb
from vocabulary.tokens import TokenCounts

COUNT = st.integers(0, 1_000)
TOKENS = st.builds(TokenCounts, COUNT, COUNT, COUNT, COUNT, COUNT)


def test_the_same_kinds_go_first_and_then_others_of_the_same_side() -> None:
    without_kinds, request = TokenCounts(1_500, 0, 0, 80), TokenCounts(600, 900, 0, 47, 33)
    assert absorb(without_kinds, request) == (TokenCounts(), TokenCounts())
    assert absorb(TokenCounts(100, 900), request) == (TokenCounts(), TokenCounts(500, 0, 0, 47, 33))
    assert absorb(TokenCounts(0, 0, 0, 900), request)[1] == TokenCounts(600, 900)


@given(TOKENS, TOKENS)
def test_both_together_are_as_many_as_the_larger_of_each_side(left: TokenCounts, wanted: TokenCounts) -> None:
    kept, rest = absorb(left, wanted)
    assert min(*kept, *rest) >= 0
    for side in (slice(0, 3), slice(3, 5)):
        reported, imported = sum(left[side]), sum(wanted[side])
        assert reported + sum(rest[side]) == max(reported, imported)
        assert imported + sum(kept[side]) == max(reported, imported)
