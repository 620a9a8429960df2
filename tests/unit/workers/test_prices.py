from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import TimeOfDateConstraint
from hypothesis import given
from hypothesis import strategies as st

from schema.vocabulary.tokens import TokenCounts
from workers.prices import SIZELESS, UnitPrices, list_price, list_price_of_sum, unit_prices

NOVEMBER = datetime(2025, 11, 1, tzinfo=UTC)


def price(tokens: TokenCounts, model: str = "claude-sonnet-4-5", provider: str = "anthropic") -> int | None:
    return list_price(tokens, provider=provider, model=model, occurred_at=NOVEMBER)


@pytest.mark.parametrize(
    ("tokens", "dollars_per_million"),
    [
        (TokenCounts(input_uncached=1000), 3),
        (TokenCounts(cache_read=1000), 0.3),
        (TokenCounts(cache_write=1000), 3.75),
        (TokenCounts(output_visible=1000), 15),
        (TokenCounts(output_reasoning=1000), 15),
    ],
)
def test_each_kind_has_its_own_price(tokens: TokenCounts, dollars_per_million: float) -> None:
    assert price(tokens) == round(1000 * dollars_per_million * 1000)


def test_the_kinds_are_disjoint_so_their_prices_add_up() -> None:
    kinds = TokenCounts(1000, 2000, 300, 400, 50)
    alone = [price(TokenCounts(**{name: amount})) for name, amount in kinds._asdict().items()]
    assert price(kinds) == sum(alone) == 1000 * 3000 + 2000 * 300 + 300 * 3750 + 450 * 15000


def test_a_request_over_the_threshold_of_a_tier_costs_that_tier() -> None:
    assert price(TokenCounts(100_000)) == 100_000 * 3000
    assert price(TokenCounts(100_000, cache_read=150_000)) == 100_000 * 6000 + 150_000 * 600


def test_what_a_list_gives_no_price_of_its_own_costs_as_much_as_the_whole() -> None:
    assert price(TokenCounts(cache_write=1000), "gpt-5", "openai") == price(TokenCounts(1000), "gpt-5", "openai")


def test_a_model_is_found_without_a_provider() -> None:
    assert price(TokenCounts(1000), provider="") == price(TokenCounts(1000))


def test_a_model_behind_a_gateway_costs_what_its_maker_asks() -> None:
    assert price(TokenCounts(1000), provider="some-gateway") == price(TokenCounts(1000))


@pytest.mark.parametrize(("provider", "model"), [("anthropic", "no-such-model"), ("nobody", "nothing"), ("", "")])
def test_an_unknown_model_has_no_price(provider: str, model: str) -> None:
    assert price(TokenCounts(1000), model, provider) is None


def test_no_tokens_cost_nothing() -> None:
    assert price(TokenCounts()) == 0


def test_a_sum_costs_what_its_requests_cost_one_by_one() -> None:
    one = TokenCounts(1_500, 20_000, 300, 400, 50)
    many = TokenCounts(*(1_000 * kind for kind in one))
    priced = list_price(one, provider="anthropic", model="claude-sonnet-4-5", occurred_at=NOVEMBER)
    assert priced is not None
    summed = list_price_of_sum(
        many, requests=1_000, provider="anthropic", model="claude-sonnet-4-5", occurred_at=NOVEMBER
    )
    assert summed == 1_000 * priced


def test_a_sum_of_an_unknown_number_of_requests_is_not_taken_for_one_of_a_long_context() -> None:
    for requests in (0, 3):
        price = list_price_of_sum(
            TokenCounts(400_001),
            requests=requests,
            provider="anthropic",
            model="claude-sonnet-4-5",
            occurred_at=NOVEMBER,
        )
        assert price == 400_001 * 3_000


def test_a_sum_of_a_model_that_is_not_listed_has_no_price() -> None:
    assert (
        list_price_of_sum(TokenCounts(5), requests=0, provider="", model="no-such-model", occurred_at=NOVEMBER) is None
    )


def price_by_unit(tokens: TokenCounts, tiers: list[UnitPrices]) -> float:
    """What one request costs by the unit prices of its size, in nano-USD."""
    size = tokens.input_uncached + tokens.cache_read + tokens.cache_write
    (tier,) = (each for each in tiers if each.from_input <= size < each.to_input)
    each = (tier.input_uncached, tier.cache_read, tier.cache_write, tier.output_visible, tier.output_reasoning)
    return (tier.request + sum(kind * price for kind, price in zip(tokens, each, strict=True))) / 1000


@given(st.builds(TokenCounts, *(st.integers(0, 300_000) for _ in TokenCounts._fields)))
def test_a_request_costs_by_the_unit_what_it_costs_by_the_list(tokens: TokenCounts) -> None:
    for provider, model in (("anthropic", "claude-sonnet-4-5"), ("google", "gemini-2.5-pro"), ("", "gpt-5")):
        by_list = price(tokens, model, provider)
        assert price_by_unit(tokens, unit_prices(provider, model, NOVEMBER)) == pytest.approx(by_list, abs=0.51)


def listed_models() -> Iterator[tuple[str, str]]:
    """Every model that is sold by the size of a request, and one in ten of the others."""
    each = ((provider.id, model.id) for provider in get_snapshot().providers for model in provider.models)
    names = sorted(set(each))
    yield from islice(names, 0, None, 10)
    yield from (name for name in names if len(unit_prices(*name, NOVEMBER)) > 1)


def test_unit_prices_are_exact_for_what_the_list_holds_on_both_sides_of_every_tier() -> None:
    compared = 0
    for provider, model in listed_models():
        tiers = unit_prices(provider, model, NOVEMBER)
        sizes = {size for tier in tiers for size in (tier.from_input, tier.from_input + 1, tier.to_input - 1)}
        for size in sorted(sizes - {SIZELESS - 1}):
            for tokens in (TokenCounts(size, 0, 0, 42, 7), TokenCounts(size - size // 2, size // 2, 0, 1, 0)):
                by_list = price(tokens, model, provider)
                assert price_by_unit(tokens, tiers) == pytest.approx(by_list, abs=0.51), (provider, model, tokens)
                compared += 1
    assert compared > 500


def test_tiers_follow_each_other_from_nothing_to_any_size() -> None:
    tiers = unit_prices("anthropic", "claude-sonnet-4-5", NOVEMBER)
    assert [(tier.from_input, tier.to_input) for tier in tiers] == [(0, 200_001), (200_001, SIZELESS)]
    assert [(tier.input_uncached, tier.output_visible) for tier in tiers] == [
        (3_000_000, 15_000_000),
        (6_000_000, 22_500_000),
    ]
    assert [tier.request for tier in tiers] == [0, 0]


def test_a_model_that_is_not_listed_has_no_unit_prices() -> None:
    assert unit_prices("anthropic", "no-such-model", NOVEMBER) == []


def sold_by_the_time_of_day() -> list[tuple[str, str]]:
    return [
        (provider.id, model.id)
        for provider in get_snapshot().providers
        for model in provider.models
        if isinstance(model.prices, list)
        and any(isinstance(each.constraint, TimeOfDateConstraint) for each in model.prices)
    ]


def test_prices_change_at_whole_and_half_hours_alone() -> None:
    """Events are priced by the beginning of their half hour; a list that changed within one would be priced wrongly."""
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    half_hours = [midnight + timedelta(minutes=30 * number) for number in range(49)]
    changes = 0
    for provider, model in sold_by_the_time_of_day():
        for begins_at, ends_at in pairwise(half_hours):
            prices = unit_prices(provider, model, begins_at)
            assert unit_prices(provider, model, ends_at - timedelta(microseconds=1)) == prices, (model, begins_at)
            changes += unit_prices(provider, model, ends_at) != prices
    assert changes > 0
