"""Figures of earlier periods, by the periods that they are compared with. Pure."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import add
from typing import NamedTuple, TypeVar

from service.queries.ledger.merged_costs import Cell, MergedCosts, Pooled
from service.queries.ledger.spend import Spend

Value = TypeVar("Value")


class Pair(NamedTuple):
    """The first day of an earlier bucket, and of the bucket that it is compared with."""

    before: date
    now: date


def by_present_period(costs: MergedCosts, pairs: Sequence[Pair]) -> MergedCosts:
    """Move figures of earlier buckets, in the order of `pairs`; what comes after a pair's bucket belongs to it."""
    return MergedCosts(
        merges=_moved(costs.merges, pairs, add),
        spent=_moved(costs.spent, pairs, Spend.plus),
        received=_moved(costs.received, pairs, add),
        pooled=_moved(costs.pooled, pairs, lambda one, two: Pooled(*map(add, one, two))),
    )


def _moved(
    values: Mapping[Cell, Value], pairs: Sequence[Pair], plus: Callable[[Value, Value], Value]
) -> dict[Cell, Value]:
    moved: dict[Cell, Value] = {}
    for cell, value in values.items():
        place = bisect_right(pairs, cell.period, key=lambda pair: pair.before) - 1
        key = cell._replace(period=pairs[place].now)
        moved[key] = plus(moved[key], value) if key in moved else value
    return moved
