"""Figures of earlier periods, by the periods that they are compared with."""

from datetime import date

from service.queries.ledger.compared_costs import Pair, by_present_period
from service.queries.ledger.merged_costs import Cell, MergedCosts, Pooled
from service.queries.ledger.spend import Spend
from vocabulary.tokens import TokenCounts

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
PAIRS = [Pair(date(2026, 10, day), date(2026, 11, day)) for day in range(1, 31)]


def test_each_day_moves_to_its_pair_and_what_is_left_to_the_last() -> None:
    days = [1, 30, 31]
    cells = [Cell(date(2026, 10, day), "a", "m") for day in days]
    costs = MergedCosts(
        merges={cell._replace(other=""): day for cell, day in zip(cells, days, strict=True)},
        spent={cell: Spend(TokenCounts(day), day) for cell, day in zip(cells, days, strict=True)},
        received={cell: 10 * day for cell, day in zip(cells, days, strict=True)},
        pooled={cell: Pooled(day, 1) for cell, day in zip(cells, days, strict=True)},
    )

    moved = by_present_period(costs, PAIRS)

    first, last = Cell(NOVEMBER, "a", "m"), Cell(date(2026, 11, 30), "a", "m")
    assert moved.spent == {first: Spend(TokenCounts(1), 1), last: Spend(TokenCounts(61), 61)}
    assert moved.merges == {first._replace(other=""): 1, last._replace(other=""): 61}
    assert moved.received == {first: 10, last: 610}
    assert moved.pooled == {first: Pooled(1, 1), last: Pooled(61, 2)}


def test_a_whole_period_is_one_pair() -> None:
    costs = MergedCosts(merges={Cell(OCTOBER, "a"): 3}, spent={}, received={})

    assert by_present_period(costs, [Pair(OCTOBER, NOVEMBER)]).merges == {Cell(NOVEMBER, "a"): 3}
