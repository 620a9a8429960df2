"""Effective prices: what a provider really charges per token, by billing period, model and kind."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from schema.charges import BILLED_KINDS, ChargeKind
from workers.reconciliation.model import Charge, Price, SoldModel


class PriceKey(NamedTuple):
    """A billing period, model and token kind."""

    period_start: date
    sold: SoldModel
    kind: ChargeKind


def effective_prices(charges: Iterable[Charge]) -> dict[PriceKey, Price]:
    """Sum token charges by billing period; corrections count in the period their bill names."""
    sums: dict[PriceKey, list[int]] = {}
    for charge in charges:
        if charge.kind not in BILLED_KINDS:
            continue
        known = sums.setdefault(PriceKey(charge.period_start, charge.sold, charge.kind), [0] * 5)
        amounts = (charge.listed, charge.contracted, charge.effective, charge.billed)
        for place, amount in enumerate((charge.tokens, *map(charge.in_usd, amounts))):
            known[place] += amount
    return {key: Price(*amounts) for key, amounts in sums.items()}


class PriceList:
    """Effective prices by day: of the day's billing period, or else of the latest period before."""

    def __init__(self, prices: Mapping[PriceKey, Price]) -> None:
        self._periods: dict[tuple[SoldModel, ChargeKind], Sequence[date]] = {}
        self._prices: dict[PriceKey, Fraction] = {}
        for key in sorted(prices):
            if (each := prices[key].per_token) is not None:
                self._prices[key] = each
                self._periods[key.sold, key.kind] = (*self._periods.get((key.sold, key.kind), ()), key.period_start)

    def per_token(self, day: date, sold: SoldModel, kind: ChargeKind) -> Fraction | None:
        """Return nano-USD per token; None before the first bill with a price."""
        periods = self._periods.get((sold, kind), ())
        place = bisect_right(periods, day)
        return self._prices[PriceKey(periods[place - 1], sold, kind)] if place else None
