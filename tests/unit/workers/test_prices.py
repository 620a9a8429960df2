from datetime import UTC, datetime

import pytest

from schema.tokens import TokenCounts
from workers.prices import list_price, list_price_of_sum

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
