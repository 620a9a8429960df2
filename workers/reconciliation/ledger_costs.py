"""What the shares of one day's ledger cost at effective prices, and what of the bill they carry.

Every amount is computed once for a model and kind of tokens and then split over the shares by their tokens, so that
each cut of the ledger sums to the same money.
"""

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from schema.charges import BILLED_KINDS, ChargeKind
from workers.reconciliation.model import KINDS, LedgerShare, Sold, Tokens
from workers.reconciliation.prices import PriceList
from workers.reconciliation.split import scaled, split

# What so many tokens of a kind cost by the public list, in nano-USD; 0 where it does not say.
ListPrice: TypeAlias = Callable[[Sold, ChargeKind], int]


class Charged(NamedTuple):
    """Tokens and billed nano-USD of one kind, on one day."""

    tokens: int
    billed: int


def at_effective_prices(
    day: date, sold: Sold, shares: Sequence[LedgerShare], prices: PriceList, list_price: ListPrice
) -> list[int]:
    """Nano-USD of each share of one model; what no bill has a price for costs what the list says."""
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
    """The list price of a share told apart by kind, as the unit prices have it, else by tokens."""
    priced = [count * weight for count, weight in zip(share.tokens, weights, strict=True)]
    by = priced if sum(priced) else share.tokens
    return split(share.list_nano_usd, by) if sum(by) else [share.list_nano_usd, 0, 0, 0]


def carried(shares: Sequence[LedgerShare], charged: Sequence[Charged]) -> list[int]:
    """Billed nano-USD that each share of one model carries: of each kind, the part of the tokens that telemetry saw."""
    costs = [0] * len(shares)
    for kind in KINDS:
        tokens = [share.tokens[kind] for share in shares]
        if (seen := sum(tokens)) > 0:
            _add(costs, split(scaled(charged[kind].billed, seen_share(seen, charged[kind].tokens)), tokens))
    return costs


def seen_share(seen: int, billed: int) -> Fraction:
    """Which part of billed tokens telemetry saw; all of them when it saw as many or more."""
    return Fraction(seen, billed) if seen < billed else Fraction(1)


def covered(seen: Tokens, charged: Sequence[Charged]) -> int:
    """Billed tokens that telemetry saw too."""
    return sum(max(min(count, each.tokens), 0) for count, each in zip(seen, charged, strict=True))


def _add(costs: list[int], more: Sequence[int]) -> None:
    for place, amount in enumerate(more):
        costs[place] += amount
