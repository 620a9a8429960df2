from datetime import UTC, datetime

import pytest

from vocabulary.tokens import TokenCounts
from workers.prices.listed import Sold, Used, list_price
from workers.prices.units import Price, price_of_sum, unit_prices

NOVEMBER = datetime(2025, 11, 1, tzinfo=UTC)
LATE_2026 = datetime(2026, 11, 20, tzinfo=UTC)
SONNET = Sold("anthropic", "claude-sonnet-4-5")


def price(tokens: TokenCounts, model: str = "claude-sonnet-4-5", provider: str = "anthropic") -> int | None:
    return list_price(Used(tokens), Sold(provider, model), NOVEMBER)


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
    priced = list_price(Used(one), SONNET, NOVEMBER)
    assert priced is not None
    assert price_of_sum(Used(many), unit_prices(SONNET, NOVEMBER), requests=1_000) == Price(1_000 * priced)


def test_a_sum_of_an_unknown_number_of_requests_is_not_taken_for_one_of_a_long_context() -> None:
    for requests in (0, 3):
        price = price_of_sum(Used(TokenCounts(400_001)), unit_prices(SONNET, NOVEMBER), requests=requests)
        assert price == Price(400_001 * 3_000)


def test_a_sum_of_a_model_that_is_not_listed_has_no_price() -> None:
    assert price_of_sum(Used(TokenCounts(5)), [], requests=0) is None


def test_cache_writes_that_live_an_hour_cost_twice_the_input() -> None:
    written = TokenCounts(cache_write=100_000)
    assert list_price(Used(written, cache_write_1h=100_000), SONNET, NOVEMBER) == 100_000 * 6_000
    assert list_price(Used(written, cache_write_1h=40_000), SONNET, NOVEMBER) == 60_000 * 3_750 + 40_000 * 6_000
    summed = price_of_sum(Used(written, cache_write_1h=40_000), unit_prices(SONNET, NOVEMBER), requests=10)
    assert summed == Price(60_000 * 3_750 + 40_000 * 6_000)


def test_web_searches_are_charged_by_piece_beside_the_tokens() -> None:
    used = Used(TokenCounts(1_000), web_searches=3)
    assert list_price(used, SONNET, NOVEMBER) == 1_000 * 3_000 + 3 * 10_000_000
    assert price_of_sum(used, unit_prices(SONNET, NOVEMBER), requests=1) == Price(
        1_000 * 3_000 + 30_000_000, 30_000_000
    )


@pytest.mark.parametrize(
    ("sold", "factor"),
    [
        (Sold("anthropic", "claude-opus-4-8", "fast"), 2),
        (Sold("anthropic", "claude-opus-4-8", "batch"), 0.5),
        (Sold("anthropic", "claude-opus-4-8", "us"), 1.1),
        (Sold("anthropic", "claude-opus-4-8", "batch+us"), 0.55),
        (Sold("openai", "gpt-5.4", "flex"), 0.5),
        (Sold("openai", "gpt-5.4", "priority"), 2),
    ],
)
def test_a_service_tier_has_prices_of_its_own(sold: Sold, factor: float) -> None:
    used = Used(TokenCounts(100_000, 0, 0, 1_000, 0))
    standard = list_price(used, sold._replace(service_tier=""), LATE_2026)
    assert standard is not None
    assert list_price(used, sold, LATE_2026) == round(standard * factor)


@pytest.mark.parametrize("tier", ["priority", "nonsense", "fast+nonsense", "eu"])
def test_a_tier_that_the_list_does_not_know_has_no_price(tier: str) -> None:
    assert list_price(Used(TokenCounts(1_000)), Sold("anthropic", "claude-opus-4-8", tier), LATE_2026) is None
