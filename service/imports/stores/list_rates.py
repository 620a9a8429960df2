"""What tokens of a model cost at list prices, for a first look before anything is sent to the service."""

# ruff: noqa: PLC0415 - the price list takes longer to import than many a store takes to read

from decimal import Decimal
from functools import lru_cache

from vocabulary.model_names import model_name
from vocabulary.tokens import TokenCounts, nano_usd

# Enough to see a rate, and too few for any price of long contexts.
SAMPLE = 1_000

Rates = tuple[Decimal, Decimal, Decimal, Decimal, Decimal]


def list_cost(model: str, provider: str, tokens: TokenCounts) -> int | None:
    """Return the cost in nano-USD, or None if the model has no list price."""
    rates = _rates(model, provider)
    if rates is None:
        return None
    return nano_usd(sum((rate * count for rate, count in zip(rates, tokens, strict=True)), Decimal()))


@lru_cache(1_024)
def _rates(model: str, provider: str) -> Rates | None:
    """Return the price of one token of each kind in USD."""
    from genai_prices import Usage, calc_price

    name = model_name(model, provider)
    samples = (
        Usage(input_tokens=SAMPLE),
        Usage(input_tokens=SAMPLE, cache_read_tokens=SAMPLE),
        Usage(input_tokens=SAMPLE, cache_write_tokens=SAMPLE),
        Usage(output_tokens=SAMPLE),
    )
    try:
        found = [
            Decimal(calc_price(sample, name.model, provider_id=name.provider or None).total_price) / SAMPLE
            for sample in samples
        ]
    except (LookupError, ValueError):
        return None
    fresh, read, written, output = found
    return fresh, read, written, output, output
