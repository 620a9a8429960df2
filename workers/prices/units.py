"""List prices per token and piece, by the size of a request, so that the database prices many events at once."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from genai_prices.types import TieredPrices

from vocabulary.tokens import TokenCounts
from workers.prices.listed import SAMPLE, Listing, Sold, Used, listing

PICO_USD = 10**12
# More tokens than any request has.
SIZELESS = 2**62
KNOWN_LISTINGS = 4096

# Prices by what the list says. A model has the same in nearly every half hour, and finding them takes milliseconds.
_known: dict[str, list["UnitPrices"]] = {}


class UnitPrices(NamedTuple):
    """Prices in pico-USD, per request, per token of each kind and per piece.

    They hold for requests with `from_input` <= input tokens < `to_input`, cached input included. `cache_write_1h` is
    what a token that is written for an hour costs more than `cache_write`.
    """

    from_input: int
    to_input: int
    request: int
    input_uncached: int
    cache_read: int
    cache_write: int
    output_visible: int
    output_reasoning: int
    cache_write_1h: int
    web_search: int
    code_execution: int

    @property
    def of_kinds(self) -> tuple[int, int, int, int, int]:
        """Return the prices of the five token kinds."""
        return self.input_uncached, self.cache_read, self.cache_write, self.output_visible, self.output_reasoning


class Price(NamedTuple):
    """Nano-USD, and the part of it that is charged by piece."""

    total: int
    pieces: int = 0


def unit_prices(sold: Sold, occurred_at: datetime) -> list[UnitPrices]:
    """Return list prices by request size, smallest first; an empty list for what has no price.

    All tokens of a kind in one request have the same price, which depends only on the request's size and time.
    """
    listed = listing(sold, occurred_at)
    if listed is None:
        return []
    said = repr(listed)
    found = _known.get(said)
    if found is None:
        if len(_known) >= KNOWN_LISTINGS:
            _known.clear()
        _known[said] = found = _by_size(listed)
    return found


def _by_size(listed: Listing) -> list[UnitPrices]:
    tiered = (each for each in vars(listed.prices).values() if isinstance(each, TieredPrices))
    bounds = [0, *sorted({tier.start + 1 for each in tiered for tier in each.tiers}), SIZELESS]
    return [_unit_prices(listed, begins, ends) for begins, ends in pairwise(bounds)]


def price_of_sum(
    used: Used, prices: Sequence[UnitPrices], *, requests: int, size_from: int | None = None
) -> Price | None:
    """Return the price of summed requests of one size; None without prices.

    Without `size_from`, their size is the mean of the requests; without a number of requests, the smallest.
    """
    tokens = used.tokens
    if size_from is None:
        size_from = (tokens.input_uncached + tokens.cache_read + tokens.cache_write) // requests if requests else 0
    units = next((each for each in prices if each.from_input <= size_from < each.to_input), None)
    if units is None:
        return None
    pico = units.request * requests + used.cache_write_1h * units.cache_write_1h
    pico += sum(kind * price for kind, price in zip(tokens, units.of_kinds, strict=True))
    pieces = used.web_searches * units.web_search + used.code_executions * units.code_execution
    return Price(_nano(pico) + _nano(pieces), _nano(pieces))


def _nano(pico: int) -> int:
    """Return nano-USD, half up."""
    return (pico + 500) // 1000


def _unit_prices(listed: Listing, begins: int, ends: int) -> UnitPrices:
    # A size within the tier that keeps price differences exact.
    size = begins + min(SAMPLE, ends - begins - 1)
    smallest = _pico_usd(listed, TokenCounts(begins))
    input_uncached = (_pico_usd(listed, TokenCounts(size)) - smallest) / (size - begins)
    request = smallest - input_uncached * begins
    written = _pico_usd(listed, TokenCounts(cache_write=size))
    per_unit = (
        input_uncached,
        (_pico_usd(listed, TokenCounts(cache_read=size)) - request) / size,
        (written - request) / size,
        (_pico_usd(listed, TokenCounts(begins, output_visible=SAMPLE)) - smallest) / SAMPLE,
        (_pico_usd(listed, TokenCounts(begins, output_reasoning=SAMPLE)) - smallest) / SAMPLE,
        (PICO_USD * listed.token_price(Used(TokenCounts(cache_write=size), size)) - written) / size,
        PICO_USD * listed.piece_price(Used(TokenCounts(), web_searches=SAMPLE)) / SAMPLE,
        PICO_USD * listed.piece_price(Used(TokenCounts(), code_executions=SAMPLE)) / SAMPLE,
    )
    return UnitPrices(begins, ends, *(int(each.to_integral_value()) for each in (request, *per_unit)))


def _pico_usd(listed: Listing, tokens: TokenCounts) -> Decimal:
    return PICO_USD * listed.token_price(Used(tokens))
