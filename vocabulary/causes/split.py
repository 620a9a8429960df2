"""Why spend changed between two periods: requests, tokens per request, models, caching, or prices. Pure and exact.

The spend of a team is requests x share of each model x its tokens per request x what a token costs with its use of the
cache x the level of its prices. Each cause gets its Shapley value (1953): its mean effect over all orders in which the
five could have changed.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import comb, fsum
from typing import NamedTuple, TypeAlias

from vocabulary.tokens import TokenCounts

# Relative prices of the kinds for a model whose prices are unknown: those that most makers ask.
USUAL_PRICES = (1.0, 0.1, 1.25, 5.0, 5.0)
FACTORS = 5
# For each factor: the weight of each set of other factors that changed before it; sets are masks of bits.
_STEPS = [
    [
        (1 / (FACTORS * comb(FACTORS - 1, others.bit_count())), others, others | 1 << factor)
        for others in range(1 << FACTORS)
        if not others >> factor & 1
    ]
    for factor in range(FACTORS)
]


class Use(NamedTuple):
    """How one team used one model of one provider in a period. Money is nano-USD."""

    requests: int = 0
    tokens: TokenCounts = TokenCounts()
    nano_usd: int = 0


class ModelUse(NamedTuple):
    """The use of one model in both periods, and its relative prices by kind."""

    before: Use = Use()
    after: Use = Use()
    prices: Sequence[float] = USUAL_PRICES


class Causes(NamedTuple):
    """The nano-USD of a change by cause: requests, tokens per request, model mix, caching, prices."""

    volume: int = 0
    size: int = 0
    model_mix: int = 0
    cache: int = 0
    price: int = 0


# One model in one period: its share of the team's requests, input tokens and units of output per request, units per
# input token, nano-USD per unit; None where the period does not say. A unit is what an uncached input token costs.
_Rates: TypeAlias = tuple[float | None, float | None, float | None, float | None, float | None]


def split_change(models: Iterable[ModelUse]) -> Causes:
    """Split the change of one team's spend. A new model changes the mix, a new team the volume; order is irrelevant."""
    clean = [each for model in models for each in _comparable(*model)]
    before, after = sum(each.before.requests for each in clean), sum(each.after.requests for each in clean)
    rates = [(_rates(each.before, before, each.prices), _rates(each.after, after, each.prices)) for each in clean]
    change = sum(each.after.nano_usd - each.before.nano_usd for each in clean)
    return _rounded(_shapley(_spend_by_changed((before, after), rates)), change)


def _comparable(before: Use, after: Use, prices: Sequence[float]) -> Iterator[ModelUse]:
    """Treat a model with tokens in one period and only other charges in the other as two."""
    if before != Use() != after and bool(before.tokens.total) != bool(after.tokens.total):
        yield from _comparable(before, Use(), prices)
        yield from _comparable(Use(), after, prices)
    else:
        yield ModelUse(_counted(before, after), _counted(after, before), prices)


def _counted(use: Use, other: Use) -> Use:
    """Let requests that were not counted be as large as in the other period, or else be one."""
    if use.requests or use == Use():
        return use
    each = other.tokens.total / other.requests if other.requests else 0
    return use._replace(requests=max(1, round(use.tokens.total / each) if each else 1))


def _rates(use: Use, requests: int, prices: Sequence[float]) -> _Rates:
    share = use.requests / requests if requests else None
    if not use.requests:
        return share, None, None, None, None
    units = [tokens * price for tokens, price in zip(use.tokens, prices, strict=True)]
    units[3] += 0 if any(units) else use.requests  # charges without tokens, such as searches
    read, cached, written = sum(use.tokens[:3]), fsum(units[:3]), fsum(units[3:])
    caching = cached / read if read else None
    return share, read / use.requests, written / use.requests, caching, use.nano_usd / fsum(units)


def _spend_by_changed(requests: Sequence[int], rates: Sequence[tuple[_Rates, _Rates]]) -> list[float]:
    """Return the spend for each of the 32 sets of changed factors; bits are in the order of `Causes`."""
    parts = [_parts(*map(_known, before, after)) for before, after in rates]
    # Exact sums, so that the order of models is irrelevant.
    per_request = [fsum(part) for part in zip(*parts, strict=True)] or [0.0] * 16
    return [requests[changed & 1] * per_request[changed >> 1] for changed in range(32)]


_Both: TypeAlias = tuple[float, float]


def _parts(share: _Both, read: _Both, written: _Both, caching: _Both, price: _Both) -> list[float]:
    """Return what one model adds to the spend of a request, by changed factors: bits for size, mix, cache and price."""
    units = [size * cached + own for cached in caching for size, own in zip(read, written, strict=True)]
    shared = [part * each for pair in (units[:2], units[2:]) for part in share for each in pair]
    return [level * each for level in price for each in shared]


def _known(before: float | None, after: float | None) -> tuple[float, float]:
    """Let a period without a value have the other's, so that nothing changed."""
    found = [each for each in (before, after) if each is not None] or [0.0]
    return found[0], found[-1]


def _shapley(values: Sequence[float]) -> list[float]:
    return [fsum([weight * (values[last] - values[first]) for weight, first, last in steps]) for steps in _STEPS]


def _rounded(parts: Sequence[float], whole: int) -> Causes:
    """Round parts to integers of a given sum; the largest part takes what rounding leaves."""
    rounded = [round(part) for part in parts]
    rounded[max(range(len(parts)), key=lambda place: abs(parts[place]))] += whole - sum(rounded)
    return Causes(*rounded)
