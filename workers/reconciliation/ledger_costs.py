"""Prices the shares of one day's ledger at effective prices, and splits the bill over them.

Each amount is computed once per model and token kind and then split by tokens, so that every cut of the ledger sums to
the same money.
"""

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from vocabulary.charges import BILLED_KINDS, ChargeKind
from workers.reconciliation.model import KINDS, LedgerShare, SoldModel, Tokens
from workers.reconciliation.prices import PriceList
from workers.reconciliation.split import scaled, split

# Returns the list price of a fixed number of tokens of a kind in nano-USD; 0 if unknown.
ListPrice: TypeAlias = Callable[[SoldModel, ChargeKind], int]


class Charged(NamedTuple):
    """Tokens and billed nano-USD of one kind, on one day."""

    tokens: int
    billed: int


def at_effective_prices(
    day: date, sold: SoldModel, shares: Sequence[LedgerShare], prices: PriceList, list_price: ListPrice
) -> list[int]:
    """Return the cost of each share of one model in nano-USD, at list price where no bill has a price."""
    costs = [0] * len(shares)
    found = [prices.per_token(day, sold, kind) for kind in BILLED_KINDS]
    if None in found:
        weights = [list_price(sold, kind) for kind in BILLED_KINDS]
        for place, share in enumerate(shares):
            by_kind = list_cost_by_kind(share, weights)
            costs[place] += sum(by_kind[kind] for kind in KINDS if found[kind] is None)
    for kind, per_token in enumerate(found):
        if per_token is not None:
            tokens = [share.tokens[kind] for share in shares]
            _add(costs, split(scaled(sum(tokens), per_token), tokens))
    return costs


def list_cost_by_kind(share: LedgerShare, weights: Sequence[int]) -> list[int]:
    """Split the list price of a share by kind, in proportion to unit prices or else tokens."""
    priced = [count * weight for count, weight in zip(share.tokens, weights, strict=True)]
    by = priced if sum(priced) else share.tokens
    return split(share.list_nano_usd, by) if sum(by) else [share.list_nano_usd, 0, 0, 0]


def carried(shares: Sequence[LedgerShare], charged: Sequence[Charged]) -> list[int]:
    """Return the billed nano-USD of each share of one model: per kind, the part of billed tokens that telemetry saw."""
    costs = [0] * len(shares)
    for kind in KINDS:
        tokens = [share.tokens[kind] for share in shares]
        if (seen := sum(tokens)) > 0:
            _add(costs, split(scaled(charged[kind].billed, seen_share(seen, charged[kind].tokens)), tokens))
    return costs


def seen_share(seen: int, billed: int) -> Fraction:
    """Return the part of billed tokens that telemetry saw, at most 1."""
    return Fraction(seen, billed) if seen < billed else Fraction(1)


def covered(seen: Tokens, charged: Sequence[Charged]) -> int:
    """Return the billed tokens that telemetry also saw."""
    return sum(max(min(count, each.tokens), 0) for count, each in zip(seen, charged, strict=True))


def _add(costs: list[int], more: Sequence[int]) -> None:
    for place, amount in enumerate(more):
        costs[place] += amount
