"""List prices from genai-prices, as integer nano-USD for one token event."""

from datetime import datetime
from functools import lru_cache, partial

from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo, Provider

from schema.tokens import TokenCounts, nano_usd

LISTED_MODELS = 4096
# Tokens of each kind whose price is asked for, so that prices below a nano-USD a token are told, too.
SAMPLE = 1_000


def list_price(tokens: TokenCounts, *, provider: str, model: str, occurred_at: datetime) -> int | None:
    """What one request costs by the price list of its time, in nano-USD; None when the list does not know the model.

    A request's size decides between long-context tiers, so the events of a window are priced one by one.
    """
    listed = _find(provider, model)
    if listed is None:
        return None
    seller, model_info = listed
    # The list counts input with what was cached and output with reasoning; where a part has no price of its own, it
    # costs as much as the whole.
    usage = Usage(
        input_tokens=tokens.input_uncached + tokens.cache_read + tokens.cache_write,
        cache_read_tokens=tokens.cache_read,
        cache_write_tokens=tokens.cache_write,
        output_tokens=tokens.output_visible + tokens.output_reasoning,
        output_reasoning_tokens=tokens.output_reasoning,
    )
    return nano_usd(model_info.calc_price(usage, seller, genai_request_timestamp=occurred_at).total_price)


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


@lru_cache(LISTED_MODELS)
def _find(provider: str, model: str) -> tuple[Provider, ModelInfo] | None:
    """The model as that provider sells it, else as its maker does, since a gateway passes on the maker's price."""
    for seller in dict.fromkeys((provider or None, None)):
        try:
            return get_snapshot().find_provider_model(model, None, seller, None)
        except LookupError:
            continue
    return None
