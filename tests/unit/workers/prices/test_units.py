from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import TimeOfDateConstraint
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.tokens import TokenCounts
from workers.prices.listed import Sold, Used, list_price
from workers.prices.units import SIZELESS, UnitPrices, unit_prices

NOVEMBER = datetime(2025, 11, 1, tzinfo=UTC)


def price(tokens: TokenCounts, model: str, provider: str) -> int | None:
    return list_price(Used(tokens), Sold(provider, model), NOVEMBER)


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
        assert price_by_unit(tokens, unit_prices(Sold(provider, model), NOVEMBER)) == pytest.approx(by_list, abs=0.51)


def listed_models() -> Iterator[tuple[str, str]]:
    """Every model that is sold by the size of a request, and one in ten of the others."""
    each = ((provider.id, model.id) for provider in get_snapshot().providers for model in provider.models)
    names = sorted(set(each))
    yield from islice(names, 0, None, 10)
    yield from (name for name in names if len(unit_prices(Sold(*name), NOVEMBER)) > 1)


def test_unit_prices_are_exact_for_what_the_list_holds_on_both_sides_of_every_tier() -> None:
    compared = 0
    for provider, model in listed_models():
        tiers = unit_prices(Sold(provider, model), NOVEMBER)
        sizes = {size for tier in tiers for size in (tier.from_input, tier.from_input + 1, tier.to_input - 1)}
        for size in sorted(sizes - {SIZELESS - 1}):
            for tokens in (TokenCounts(size, 0, 0, 42, 7), TokenCounts(size - size // 2, size // 2, 0, 1, 0)):
                by_list = price(tokens, model, provider)
                assert price_by_unit(tokens, tiers) == pytest.approx(by_list, abs=0.51), (provider, model, tokens)
                compared += 1
    assert compared > 500


def test_tiers_follow_each_other_from_nothing_to_any_size() -> None:
    tiers = unit_prices(Sold("anthropic", "claude-sonnet-4-5"), NOVEMBER)
    assert [(tier.from_input, tier.to_input) for tier in tiers] == [(0, 200_001), (200_001, SIZELESS)]
    assert [(tier.input_uncached, tier.output_visible) for tier in tiers] == [
        (3_000_000, 15_000_000),
        (6_000_000, 22_500_000),
    ]
    assert [tier.request for tier in tiers] == [0, 0]


def test_a_model_that_is_not_listed_has_no_unit_prices() -> None:
    assert unit_prices(Sold("anthropic", "no-such-model"), NOVEMBER) == []


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
            prices = unit_prices(Sold(provider, model), begins_at)
            assert unit_prices(Sold(provider, model), ends_at - timedelta(microseconds=1)) == prices, (model, begins_at)
            changes += unit_prices(Sold(provider, model), ends_at) != prices
    assert changes > 0


def test_writes_for_an_hour_and_searches_have_unit_prices_in_every_size() -> None:
    tiers = unit_prices(Sold("anthropic", "claude-sonnet-4-5"), NOVEMBER)
    assert [(tier.cache_write, tier.cache_write_1h) for tier in tiers] == [
        (3_750_000, 2_250_000),
        (7_500_000, 4_500_000),
    ]
    assert [tier.web_search for tier in tiers] == [10_000_000_000] * 2


def test_a_tier_without_a_price_has_no_unit_prices() -> None:
    assert unit_prices(Sold("anthropic", "claude-opus-4-8", "priority"), NOVEMBER) == []
