"""Usage as emitters nest it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.telemetry.reading.usage import Nesting, Usage, split
from vocabulary.tokens import TokenCounts

COUNT = st.integers(0, 10**12)


@given(st.builds(Usage, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT), st.sampled_from(Nesting), st.sampled_from(Nesting))
def test_a_part_is_never_cut_and_a_whole_never_lost(usage: Usage, cache: Nesting, reasoning: Nesting) -> None:
    tokens = split(usage, cache, reasoning)
    assert all(kind >= 0 for kind in tokens)
    assert (tokens.cache_read, tokens.cache_write) == (usage.cache_read, usage.cache_write)
    assert tokens.output_reasoning == usage.reasoning
    assert sum(tokens[:3]) >= usage.input
    assert sum(tokens[3:]) >= usage.output


def test_a_cache_beside_the_input_comes_on_top() -> None:
    assert split(Usage(4, 2183, 10, 104, 4), Nesting.BESIDE) == TokenCounts(4, 2183, 10, 100, 4)


def test_a_part_larger_than_its_total_is_added_to_it() -> None:
    usage = Usage(4, 2183, 10, 190, 1057)
    for cache in (Nesting.WITHIN, Nesting.BY_NUMBERS):
        assert split(usage, cache, Nesting.WITHIN) == TokenCounts(4, 2183, 10, 190, 1057)


@pytest.mark.parametrize(
    ("total", "tokens"),
    [
        (1100, TokenCounts(600, 300, 100, 60, 40)),
        (1140, TokenCounts(600, 300, 100, 100, 40)),
        (1500, TokenCounts(1000, 300, 100, 60, 40)),
        (1540, TokenCounts(1000, 300, 100, 100, 40)),
        (1200, TokenCounts(700, 300, 100, 60, 40)),
        (9999, TokenCounts(600, 300, 100, 60, 40)),
    ],
    ids=["all within", "reasoning beside", "cache beside", "both beside", "writes beside", "a total that fits nothing"],
)
def test_a_reported_total_settles_what_stands_beside_its_whole(total: int, tokens: TokenCounts) -> None:
    assert split(Usage(1000, 300, 100, 100, 40, total)) == tokens


def test_what_is_known_about_the_emitter_is_stronger_than_the_total() -> None:
    bedrock = Usage(5000, 3000, 500, 100, 0, 5100)
    assert split(bedrock, Nesting.BESIDE) == TokenCounts(5000, 3000, 500, 100, 0)
    assert split(bedrock._replace(total=8600), Nesting.WITHIN) == TokenCounts(1500, 3000, 500, 100, 0)


def test_a_total_without_the_cache_still_decides_about_reasoning() -> None:
    usage = Usage(5000, 3000, 0, 100, 40, 5140)
    assert split(usage, Nesting.BESIDE) == TokenCounts(5000, 3000, 0, 100, 40)
