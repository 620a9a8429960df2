from datetime import UTC, date, datetime

import pytest

from vocabulary.price_kinds import PriceKind
from vocabulary.tokens import TokenCounts
from workers.prices.contract import ContractPrice, with_contract
from workers.prices.listed import Sold, Used
from workers.prices.units import UnitPrices, price_of_sum, unit_prices

DAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
SOLD = Sold("anthropic", "claude-sonnet-4-5-20250929")
LISTED = unit_prices(SOLD, AT)
DOLLAR_PER_MILLION = 1_000_000


def contract(kind: PriceKind, dollars: float, first_day: date = date(2026, 1, 1), **more: object) -> ContractPrice:
    price = ContractPrice("", "claude-sonnet-4-5", "", kind, first_day, None, int(dollars * DOLLAR_PER_MILLION))
    return price._replace(**more)  # type: ignore[arg-type]


def test_a_contract_price_holds_for_requests_of_every_size_and_leaves_other_kinds_alone() -> None:
    priced = with_contract(LISTED, [contract(PriceKind.INPUT_UNCACHED, 2)], SOLD, DAY)
    assert [each.input_uncached for each in priced] == [2_000_000, 2_000_000]
    assert [each._replace(input_uncached=0) for each in priced] == [each._replace(input_uncached=0) for each in LISTED]


def test_writes_for_an_hour_keep_their_list_price_beside_a_contract_price_of_other_writes() -> None:
    (first, _) = with_contract(LISTED, [contract(PriceKind.CACHE_WRITE, 3)], SOLD, DAY)
    assert first.cache_write + first.cache_write_1h == LISTED[0].cache_write + LISTED[0].cache_write_1h
    (first, _) = with_contract(LISTED, [contract(PriceKind.CACHE_WRITE_1H, 5)], SOLD, DAY)
    assert (first.cache_write, first.cache_write + first.cache_write_1h) == (LISTED[0].cache_write, 5_000_000)


@pytest.mark.parametrize(
    "other",
    [
        {"model": "claude-opus-4-5"},
        {"service_tier": "batch"},
        {"provider": "aws"},
        {"first_day": date(2026, 11, 21)},
        {"last_day": date(2026, 11, 19)},
    ],
)
def test_a_price_of_another_model_tier_provider_or_time_does_not_apply(other: dict[str, object]) -> None:
    assert with_contract(LISTED, [contract(PriceKind.OUTPUT, 1)._replace(**other)], SOLD, DAY) == LISTED  # type: ignore[arg-type]


def test_the_latest_price_wins_and_one_for_the_provider_before_one_for_any() -> None:
    prices = [
        contract(PriceKind.INPUT_UNCACHED, 2, date(2026, 6, 1)),
        contract(PriceKind.INPUT_UNCACHED, 1),
        contract(PriceKind.OUTPUT, 9, provider="anthropic"),
        contract(PriceKind.OUTPUT, 8, date(2026, 11, 1)),
    ]
    (first, _) = with_contract(LISTED, prices, SOLD, DAY)
    assert (first.input_uncached, first.output_visible, first.output_reasoning) == (2_000_000, 9_000_000, 9_000_000)


def test_a_model_without_list_prices_needs_prices_for_input_and_output() -> None:
    own = Sold("", "our-own-model")
    prices = [contract(PriceKind.INPUT_UNCACHED, 1, model="our-own-model")]
    assert with_contract([], prices, own, DAY) == []
    prices.append(contract(PriceKind.OUTPUT, 4, model="our-own-model"))
    (units,) = with_contract([], prices, own, DAY)
    assert units == UnitPrices(0, units.to_input, 0, *[1_000_000] * 3, *[4_000_000] * 2, 0, 0, 0)
    price = price_of_sum(Used(TokenCounts(1000, 0, 0, 100, 0)), [units], requests=2)
    assert price is not None
    assert price.total == 1_000_000 + 400_000
