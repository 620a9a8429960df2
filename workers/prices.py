"""List prices from genai-prices, as integer nano-USD for one token event."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo, Provider, TieredPrices

from schema.tokens import TokenCounts, nano_usd

LISTED_MODELS = 4096
# Tokens of each kind whose price is asked for, so that prices below a nano-USD a token are told, too.
SAMPLE = 1_000
PICO_USD = 10**12
# More tokens than any request has.
SIZELESS = 2**62


def list_price(tokens: TokenCounts, *, provider: str, model: str, occurred_at: datetime) -> int | None:
    """What one request costs by the price list of its time, in nano-USD; None when the list does not know the model.

    A request's size decides between long-context tiers, so the events of a window are priced one by one.
    """
    listed = _find(provider, model)
    if listed is None:
        return None
    return nano_usd(_price(*listed, occurred_at, tokens))


def _price(seller: Provider, model: ModelInfo, occurred_at: datetime, tokens: TokenCounts) -> Decimal:
    # The list counts input with what was cached and output with reasoning; where a part has no price of its own, it
    # costs as much as the whole.
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
    """What a sum over requests costs, in nano-USD, if each was of their mean size; None for a model not listed.

    `requests` of 0 says that their number is not known: then none is taken to be one of a long context.
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
    """What requests of some sizes cost, in pico-USD: each request itself, and each token of the five kinds.

    They are those with at least `from_input` and less than `to_input` tokens of input, cached or not.
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
    """List prices by the size of a request, smallest first; none when the list does not know the model.

    The list has one price a token for all tokens of a request, which only its size and its time decide.
    """
    listed = _find(provider, model)
    if listed is None:
        return []
    prices = listed[1].get_prices(occurred_at)
    tiers = {tier.start + 1 for each in vars(prices).values() if isinstance(each, TieredPrices) for tier in each.tiers}
    bounds = [0, *sorted(tiers), SIZELESS]
    price = partial(_pico_usd, *listed, occurred_at)
    return [_unit_prices(price, begins, ends) for begins, ends in pairwise(bounds)]


def _unit_prices(price: Callable[[TokenCounts], Decimal], begins: int, ends: int) -> UnitPrices:
    # A size within the tier that makes differences of prices exact.
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
    """The model as that provider sells it, else as its maker does, since a gateway passes on the maker's price."""
    for seller in dict.fromkeys((provider or None, None)):
        try:
            return get_snapshot().find_provider_model(model, None, seller, None)
        except LookupError:
            continue
    return None
