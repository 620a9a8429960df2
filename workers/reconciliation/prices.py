"""Effective prices: what a provider really charges per token, by billing period, model and kind."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from vocabulary.charges import BILLED_KINDS, ChargeKind
from workers.reconciliation.model import NO_PRICE, Charge, Price, SoldModel


class PriceKey(NamedTuple):
    """A billing period, model and token kind."""

    period_start: date
    sold: SoldModel
    kind: ChargeKind


def effective_prices(charges: Iterable[Charge]) -> dict[PriceKey, Price]:
    """Sum token charges by billing period; corrections count in the period their bill names."""
    sums: dict[PriceKey, Price] = {}
    for charge in charges:
        if charge.kind not in BILLED_KINDS:
            continue
        key = PriceKey(charge.period_start, charge.sold, charge.kind)
        before = sums.get(key, NO_PRICE)
        sums[key] = Price(
            tokens=before.tokens + charge.tokens,
            listed=before.listed + charge.in_usd(charge.listed),
            contracted=before.contracted + charge.in_usd(charge.contracted),
            effective=before.effective + charge.in_usd(charge.effective),
            billed=before.billed + charge.in_usd(charge.billed),
        )
    return sums


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
