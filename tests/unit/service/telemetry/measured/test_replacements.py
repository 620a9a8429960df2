"""What a better report replaces of a stored one."""

from hypothesis import given
from hypothesis import strategies as st

from service.telemetry.measured.replacements import take
from vocabulary.tokens import TokenCounts

COUNTS = st.integers(0, 1000)
TOKENS = st.builds(TokenCounts, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)


@given(TOKENS, TOKENS)
def test_as_much_is_taken_as_there_is_and_as_is_wanted_of_input_and_of_output(
    left: TokenCounts, wanted: TokenCounts
) -> None:
    taken = take(left, wanted)
    assert all(0 <= each <= whole for each, whole in zip(taken, left, strict=True))
    assert sum(taken[:3]) == min(sum(left[:3]), sum(wanted[:3]))
    assert sum(taken[3:]) == min(sum(left[3:]), sum(wanted[3:]))


def test_the_same_kind_is_taken_first() -> None:
    assert take(TokenCounts(100, 900, 0, 80, 0), TokenCounts(50, 300, 0, 10, 5)) == TokenCounts(50, 300, 0, 15, 0)
    assert take(TokenCounts(1500, 0, 0, 80, 0), TokenCounts(600, 900, 0, 47, 33)) == TokenCounts(1500, 0, 0, 80, 0)
