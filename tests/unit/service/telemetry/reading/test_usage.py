"""Usage as emitters nest it."""

from hypothesis import given
from hypothesis import strategies as st

from schema.vocabulary.tokens import TokenCounts
from service.telemetry.reading.usage import split_exclusive, split_inclusive

COUNT = st.integers(0, 10**12)


@given(COUNT, COUNT, COUNT, COUNT, COUNT)
def test_parts_within_a_whole_never_change_how_many_there_are(
    total_input: int, read: int, written: int, total_output: int, reasoning: int
) -> None:
    tokens = split_inclusive(total_input, read, written, total_output, reasoning)
    assert all(kind >= 0 for kind in tokens)
    assert (sum(tokens[:3]), sum(tokens[3:])) == (total_input, total_output)


def test_a_cache_beside_the_input_comes_on_top() -> None:
    assert split_exclusive(4, 2183, 10, 104, 4) == TokenCounts(4, 2183, 10, 100, 4)
