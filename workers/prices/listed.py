"""List prices from genai-prices in integer nano-USD."""

import hashlib
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo, ModelPrice, Provider

from vocabulary.tokens import TokenCounts, nano_usd
from workers.prices.tiers import tier_price

LISTED_MODELS = 4096
# Prices are taken for this many tokens of a kind, so that prices below one nano-USD per token are not lost.
SAMPLE = 1_000


class Sold(NamedTuple):
    """A model as a provider sells it, in a service tier (see `service_tiers`)."""

    provider: str
    model: str
    service_tier: str = ""


class Used(NamedTuple):
    """What a request used: tokens, the part of its cache writes that lives an hour, and what is charged by piece."""

    tokens: TokenCounts
    cache_write_1h: int = 0
    web_searches: int = 0
    code_executions: int = 0


class Listing(NamedTuple):
    """The prices of a model in a tier at a time, and the factor of its token prices."""

    prices: ModelPrice
    factor: Decimal

    def price(self, used: Used) -> Decimal:
        """Return the price of one request in USD."""
        return self.token_price(used) + self.piece_price(used)

    def token_price(self, used: Used) -> Decimal:
        """Return the price of the tokens of one request in USD.

        The price list counts cached tokens as input and reasoning tokens as output. A part without its own price costs
        the same as the whole.
        """
        tokens = used.tokens
        usage = Usage(
            input_tokens=tokens.input_uncached + tokens.cache_read + tokens.cache_write,
            cache_read_tokens=tokens.cache_read,
            cache_write_tokens=tokens.cache_write,
            cache_write_1h_tokens=used.cache_write_1h,
            output_tokens=tokens.output_visible + tokens.output_reasoning,
            output_reasoning_tokens=tokens.output_reasoning,
        )
        return self.factor * self.prices.calc_price(usage)["total_price"]

    def piece_price(self, used: Used) -> Decimal:
        """Return the price in USD of what one request used that is charged by piece."""
        if not used.web_searches and not used.code_executions:
            return Decimal(0)
        usage = Usage(web_searches=used.web_searches, code_executions=used.code_executions)
        return self.prices.calc_price(usage)["total_price"] - self.prices.calc_price(Usage())["total_price"]


def listing(sold: Sold, occurred_at: datetime) -> Listing | None:
    """Return the prices at a time; None for an unknown model, or a tier for which the list has no price."""
    found = _find(sold.provider, sold.model)
    if found is None:
        return None
    seller, model = found
    tier = tier_price(seller, model, sold.service_tier, occurred_at)
    return None if tier is None else Listing(model.get_prices(occurred_at, tier.context), tier.factor)


def list_price(used: Used, sold: Sold, occurred_at: datetime) -> int | None:
    """Return the list price of one request in nano-USD at its time; None when it has none.

    Long-context tiers depend on the size of a request, so events of a window are priced one by one.
    """
    listed = listing(sold, occurred_at)
    return None if listed is None else nano_usd(listed.price(used))


def digest_of(sold: Sold) -> bytes:
    """Return a digest of everything the list says of a model's prices, at any time."""
    found = _find(sold.provider, sold.model)
    known = found and (found[0].id, found[1].prices, found[1].price_variants)
    return hashlib.sha256(repr(known).encode()).digest()


def use_newest_list() -> None:
    """Look models up again, after the list was replaced."""
    _find.cache_clear()


@lru_cache(LISTED_MODELS)
def _find(provider: str, model: str) -> tuple[Provider, ModelInfo] | None:
    """Find the model as the provider sells it, else by its maker: gateways pass on the maker's price."""
    for seller in dict.fromkeys((provider or None, None)):
        try:
            return get_snapshot().find_provider_model(model, None, seller, None)
        except LookupError:
            continue
    return None
