"""Rows of tokens per merged pull request."""

from datetime import date

from msgspec import UNSET, json

from service.api.ledger.merged_cost_rows import build_rows
from service.contracts.attribution import Interval
from service.queries.ledger.merged_costs import Cell, Dimension, MergedCosts, Pooled
from service.queries.ledger.spend import Spend
from vocabulary.intervals import Calibration, Doubt, Quantiles
from vocabulary.tokens import TokenCounts

WEEK = date(2026, 11, 16)
NEXT = date(2026, 11, 23)


def test_a_group_that_only_received_has_a_row_and_no_ratio() -> None:
    costs = MergedCosts(merges={}, spent={}, received={Cell(WEEK, "a"): 9})
    (row,) = build_rows(costs, (Dimension.TEAM,), {"a": None}).values()
    assert (row.merged_pull_requests, row.cost_usd, row.tokens_per_merged_pr) == (0, "0.00", None)
    assert row.fully_loaded_tokens_per_merged_pr is None


def test_rows_come_in_the_order_of_period_and_group() -> None:
    cells = [Cell(NEXT, "a"), Cell(WEEK, "b"), Cell(WEEK, "a")]
    costs = MergedCosts(merges=dict.fromkeys(cells, 1), spent={}, received={})
    assert list(build_rows(costs, (Dimension.REPOSITORY,))) == sorted(cells)


def test_by_model_every_row_divides_by_the_merges_of_its_period() -> None:
    costs = MergedCosts(
        merges={Cell(WEEK, ""): 4},
        spent={Cell(WEEK, "m"): Spend(TokenCounts(2), 8)},
        received={Cell(WEEK, "m"): 6, Cell(WEEK, "n"): 10},
    )
    rows = build_rows(costs, (Dimension.MODEL,))
    assert list(rows) == [Cell(WEEK, "m"), Cell(WEEK, "n")]
    assert [row.merged_pull_requests for row in rows.values()] == [4, 4]
    assert [row.tokens_per_merged_pr for row in rows.values()] == [0.5, 0]
    assert [row.fully_loaded_tokens_per_merged_pr for row in rows.values()] == [1.5, 2.5]
    assert rows[Cell(WEEK, "m")].cost_per_merged_pr_usd == "0.000000002"


def test_received_tokens_are_not_grouped_by_repository() -> None:
    costs = MergedCosts(merges={Cell(WEEK, "r"): 1}, spent={}, received={})
    (row,) = build_rows(costs, (Dimension.REPOSITORY,)).values()
    assert row.fully_loaded_tokens_per_merged_pr is None
    assert row.tokens_per_merged_pr == 0


def test_only_the_requested_dimension_is_written() -> None:
    costs = MergedCosts(merges={}, spent={}, received={Cell(WEEK, "x"): 1})
    for dimension in (Dimension.MODEL, Dimension.WORKFLOW, Dimension.EVIDENCE):
        (row,) = build_rows(costs, (dimension,)).values()
        written = json.decode(json.encode(row))
        assert written[dimension] == "x"
        assert not {"team", "model", "workflow", "evidence", "repository", "size"} & set(written) - {dimension.value}


def test_small_teams_are_withheld_only_among_others() -> None:
    costs = MergedCosts(merges={Cell(WEEK, "small"): 3}, spent={}, received={Cell(WEEK, "small"): 5})
    (alone,) = build_rows(costs, (Dimension.TEAM,), {"small": 4}).values()
    assert (alone.merged_pull_requests, alone.withheld_reason) == (3, None)
    (hidden,) = build_rows(costs, (Dimension.TEAM,), {"small": 4, "big": 50}).values()
    assert (hidden.merged_pull_requests, hidden.tokens, hidden.fully_loaded_tokens_per_merged_pr) == (None, None, None)
    assert hidden.withheld_reason
    (unknown,) = build_rows(costs, (Dimension.TEAM,), {"small": None, "big": 50}).values()
    assert (unknown.merged_pull_requests, unknown.size) == (3, None)


CALIBRATIONS = {"a": {"cohort": Calibration(10, (Quantiles(1, -2.0, 1.0), Quantiles(25, -0.5, 0.5)))}}


def spent(merged: int, total: int, cohort: int) -> MergedCosts:
    cell = Cell(WEEK, "a")
    return MergedCosts(
        merges={cell: merged},
        spent={cell: Spend(TokenCounts(total))},
        received={},
        pooled={cell: Pooled(cohort=cohort)},
    )


def test_a_team_s_period_shows_where_its_true_total_lies() -> None:
    (row,) = build_rows(spent(25, 1000, 1000), (Dimension.TEAM,), {"a": 9}, CALIBRATIONS).values()
    assert row.interval == Interval(low=602, high=1655, coverage=0.8)
    assert (row.reliable, row.unreliable_because) == (False, [Doubt.FEW_LINKS])
    (linked,) = build_rows(spent(25, 1000, 700), (Dimension.TEAM,), {"a": 9}, CALIBRATIONS).values()
    assert (linked.reliable, linked.unreliable_because) == (True, []), "25 pull requests make a sum"


def test_a_period_of_few_pull_requests_that_are_not_linked_may_not_stand_alone() -> None:
    (row,) = build_rows(spent(24, 1000, 401), (Dimension.TEAM,), {"a": 9}, CALIBRATIONS).values()
    assert row.reliable is False
    (linked,) = build_rows(spent(24, 1000, 400), (Dimension.TEAM,), {"a": 9}, CALIBRATIONS).values()
    assert linked.reliable is True


def test_a_withheld_team_shows_no_interval_either() -> None:
    (row,) = build_rows(spent(25, 1000, 1000), (Dimension.TEAM,), {"a": 4, "b": 9}, CALIBRATIONS).values()
    assert row.interval is row.reliable is None


def test_other_dimensions_have_no_interval() -> None:
    (row,) = build_rows(spent(25, 1000, 1000), (Dimension.REPOSITORY,)).values()
    assert row.interval is row.reliable is UNSET


def test_a_team_that_merged_little_in_all_weeks_together_is_withheld_beside_others() -> None:
    merges = {Cell(WEEK, "a"): 10, Cell(NEXT, "a"): 10, Cell(WEEK, "b"): 10, Cell(NEXT, "b"): 9, Cell(WEEK, "c"): 1}
    rows = build_rows(MergedCosts(merges=merges, spent={}, received={}), (Dimension.TEAM,), {"a": None, "b": 50})
    assert [row.merged_pull_requests for row in rows.values()] == [10, None, None, None, None]
    assert {row.withheld_reason for row in rows.values() if row.team == "b"} == {
        "the team merged fewer than 20 pull requests in this period"
    }
    merges = {cell: count for cell, count in merges.items() if cell.group == "b"}
    alone = build_rows(MergedCosts(merges=merges, spent={}, received={}), (Dimension.TEAM,), {"a": None, "b": 50})
    assert [row.merged_pull_requests for row in alone.values()] == [10, 9]
