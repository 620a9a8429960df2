"""List prices from genai-prices in integer nano-USD."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo, Provider, TieredPrices

from schema.vocabulary.tokens import TokenCounts, nano_usd

LISTED_MODELS = 4096
# Prices are taken for this many tokens of a kind, so that prices below one nano-USD per token are not lost.
SAMPLE = 1_000
PICO_USD = 10**12
# More tokens than any request has.
SIZELESS = 2**62


def list_price(tokens: TokenCounts, *, provider: str, model: str, occurred_at: datetime) -> int | None:
    """Return the list price of one request in nano-USD at its time; None for an unknown model.

    Long-context tiers depend on the size of a request, so events of a window are priced one by one.
    """
    listed = _find(provider, model)
    if listed is None:
        return None
    return nano_usd(_price(*listed, occurred_at, tokens))


def _price(seller: Provider, model: ModelInfo, occurred_at: datetime, tokens: TokenCounts) -> Decimal:
    # The price list counts cached tokens as input and reasoning tokens as output; a part without its own price costs
    # the same as the whole.
    usage = Usage(
        input_tokens=tokens.input_uncached + tokens.cache_read + tokens.cache_write,
        cache_read_tokens=tokens.cache_read,
        cache_write_tokens=tokens.cache_write,
        output_tokens=tokens.output_visible + tokens.output_reasoning,
        output_reasoning_tokens=tokens.output_reasoning,
    )
    return model.calc_price(usage, seller, genai_request_timestamp=occurred_at).total_price


def _pico_usd(seller: Provider, model: ModelInfo, occurred_at: datetime, tokens: TokenCounts) -> Decimal:
    return _price(seller, model, occurred_at, tokens) * PICO_USD


def list_price_of_sum(
    tokens: TokenCounts, *, requests: int, provider: str, model: str, occurred_at: datetime
) -> int | None:
    """Return the list price of summed requests in nano-USD, all taken as of mean size; None for an unknown model.

    With `requests` = 0 their number is unknown, and no long-context price applies.
    """
    mean = TokenCounts(*(kind // requests if requests else 0 for kind in tokens))
    price_of = partial(list_price, provider=provider, model=model, occurred_at=occurred_at)
    price = price_of(mean)
    if price is None:
        return None
    total = price * requests
    for place, (kind, whole) in enumerate(zip(tokens, mean, strict=True)):
        if rest := kind - whole * requests:
            sample = TokenCounts(*(each + SAMPLE * (place == index) for index, each in enumerate(mean)))
            total += rest * ((price_of(sample) or 0) - price) // SAMPLE
    return total


class UnitPrices(NamedTuple):
    """Prices in pico-USD, per request and per token of each kind.

    They hold for requests with `from_input` <= input tokens < `to_input`, cached input included.
    """

    from_input: int
    to_input: int
    request: int
    input_uncached: int
    cache_read: int
    cache_write: int
    output_visible: int
    output_reasoning: int


def unit_prices(provider: str, model: str, occurred_at: datetime) -> list[UnitPrices]:
    """Return list prices by request size, smallest first; an empty list for an unknown model.

    All tokens of a kind in one request have the same price, which depends only on the request's size and time.
    """
    listed = _find(provider, model)
    if listed is None:
        return []
    seller, sold = listed
    prices = sold.get_prices(occurred_at)
    tiers = {tier.start + 1 for each in vars(prices).values() if isinstance(each, TieredPrices) for tier in each.tiers}
    bounds = [0, *sorted(tiers), SIZELESS]
    price = partial(_pico_usd, seller, sold, occurred_at)
    return [_unit_prices(price, begins, ends) for begins, ends in pairwise(bounds)]


def _unit_prices(price: Callable[[TokenCounts], Decimal], begins: int, ends: int) -> UnitPrices:
    # A size within the tier that keeps price differences exact.
    size = begins + min(SAMPLE, ends - begins - 1)
    smallest = price(TokenCounts(begins))
    input_uncached = (price(TokenCounts(size)) - smallest) / (size - begins)
    request = smallest - input_uncached * begins
    per_token = (
        input_uncached,
        (price(TokenCounts(cache_read=size)) - request) / size,
        (price(TokenCounts(cache_write=size)) - request) / size,
        (price(TokenCounts(begins, output_visible=SAMPLE)) - smallest) / SAMPLE,
        (price(TokenCounts(begins, output_reasoning=SAMPLE)) - smallest) / SAMPLE,
    )
    return UnitPrices(begins, ends, *(int(each.to_integral_value()) for each in (request, *per_token)))


@lru_cache(LISTED_MODELS)
def _find(provider: str, model: str) -> tuple[Provider, ModelInfo] | None:
    """Find the model as the provider sells it, else by its maker: gateways pass on the maker's price."""
    for seller in dict.fromkeys((provider or None, None)):
        try:
            return get_snapshot().find_provider_model(model, None, seller, None)
        except LookupError:
            continue
    return None
