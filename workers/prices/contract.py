"""Prices that an organization negotiated, in place of list prices."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from vocabulary.model_keys import model_key
from vocabulary.price_kinds import PriceKind
from workers.prices.listed import Sold
from workers.prices.units import SIZELESS, UnitPrices


class ContractPrice(NamedTuple):
    """A price in pico-USD for a token or piece, from a UTC day to another; an empty provider means every provider.

    `model` is a key of `model_keys`.
    """

    provider: str
    model: str
    service_tier: str
    kind: PriceKind
    first_day: date
    last_day: date | None
    pico_usd: int

    def applies(self, sold: Sold, day: date) -> bool:
        """Return whether the price is the one of a model and tier on a day."""
        return (
            self.model == model_key(sold.model)
            and self.service_tier == sold.service_tier
            and self.provider in {"", sold.provider}
            and self.first_day <= day
            and (self.last_day is None or day <= self.last_day)
        )


def with_contract(
    listed: Sequence[UnitPrices], prices: Iterable[ContractPrice], sold: Sold, day: date
) -> list[UnitPrices]:
    """Return unit prices with the contract's in place of those of the list, for requests of every size.

    A model or tier without list prices needs contract prices for input and output; a part of them costs the same as
    the whole unless it has its own price. The latest price wins, and one for the provider before one for any.
    """
    found: dict[PriceKind, int] = {}
    for price in sorted(prices, key=lambda each: (bool(each.provider), each.first_day)):
        if price.applies(sold, day):
            found[price.kind] = price.pico_usd
    if not found:
        return list(listed)
    if not listed:
        if not {PriceKind.INPUT_UNCACHED, PriceKind.OUTPUT} <= found.keys():
            return []
        whole = found[PriceKind.INPUT_UNCACHED], found[PriceKind.OUTPUT]
        listed = [UnitPrices._make((0, SIZELESS, 0, *[whole[0]] * 3, *[whole[1]] * 2, 0, 0, 0))]
    return [_replace(units, found) for units in listed]


def _replace(units: UnitPrices, found: dict[PriceKind, int]) -> UnitPrices:
    written = found.get(PriceKind.CACHE_WRITE, units.cache_write)
    for_an_hour = found.get(PriceKind.CACHE_WRITE_1H, units.cache_write + units.cache_write_1h)
    output = found.get(PriceKind.OUTPUT, units.output_visible)
    thought = found.get(PriceKind.OUTPUT, units.output_reasoning)
    return units._replace(
        input_uncached=found.get(PriceKind.INPUT_UNCACHED, units.input_uncached),
        cache_read=found.get(PriceKind.CACHE_READ, units.cache_read),
        cache_write=written,
        cache_write_1h=for_an_hour - written,
        output_visible=output,
        output_reasoning=found.get(PriceKind.OUTPUT_REASONING, thought),
        web_search=found.get(PriceKind.WEB_SEARCH, units.web_search),
        code_execution=found.get(PriceKind.CODE_EXECUTION, units.code_execution),
    )
