import numpy as np

from tests.unit.workers.attribution.builders import at, facts, pull_request, window
from vocabulary.tokens import TokenCounts
from workers.attribution.cells import Cells, cells_of
from workers.attribution.evidence import EvidenceIndex
from workers.attribution.ledger import AttributionRow
from workers.attribution.matches import Matches, match_windows
from workers.attribution.model import Facts, Window
from workers.attribution.shares import Shares
from workers.attribution.split import split
from workers.attribution.window_columns import Windows

ARTIFACTS = (b"", b"a", b"b")


def rows(
    windows: list[Window], shares: list[tuple[int, int, int]], written: list[int] | None = None
) -> list[AttributionRow]:
    """What becomes of windows whose cells are split by these shares of cell, artifact and weight."""
    known: Facts = facts(pull_request("a", 5), pull_request("b", 5))
    columns = Windows.of(windows)
    matches: Matches = match_windows(columns, EvidenceIndex(known), {b"a": 1, b"b": 2})
    cells: Cells = cells_of(columns, matches)
    columns_of_shares = np.array(shares, dtype=np.int64).reshape(-1, 3).T
    places = np.arange(len(columns)) if written is None else np.array(written)
    return list(split(columns, places, ARTIFACTS, matches, cells, Shares(*columns_of_shares)))


def test_the_windows_of_a_cell_are_split_in_equal_shares_and_each_exactly() -> None:
    windows = [window(4, 10, name="opus", cost=3), window(4, 3, name="sonnet", cost=1)]
    assert [
        (row.window_id, row.artifact_id, row.tokens.total, row.cost_nano_usd)
        for row in rows(windows, [(0, 1, 2), (0, 2, 1)])
    ] == [
        (b"window 4 opus", b"a", 7, 2),
        (b"window 4 opus", b"b", 3, 1),
        (b"window 4 sonnet", b"a", 2, 1),
        (b"window 4 sonnet", b"b", 1, 0),
    ]


def test_a_link_takes_all_beside_pools_that_are_split() -> None:
    windows = [window(4, 10), window(4, 8, name="linked", artifact=b"b"), window(5, 6)]
    shares = [(0, 0, 1), (0, 1, 4), (1, 0, 1)]
    assert [(row.artifact_id, row.evidence, row.tokens.total) for row in rows(windows, shares)] == [
        (b"", "overhead", 2),
        (b"a", "cohort", 8),
        (b"b", "artifact", 8),
        (b"", "overhead", 6),
    ]


def test_pull_requests_without_tokens_have_no_row() -> None:
    assert [row.artifact_id for row in rows([window(4, 1)], [(0, 1, 1), (0, 2, 3)])] == [b"b"]


def test_an_empty_window_has_no_row() -> None:
    assert rows([window(4, 0)], [(0, 1, 1)]) == []


def test_only_the_requested_windows_are_split() -> None:
    assert rows([window(4, 1), window(5, 2)], [(0, 1, 1), (1, 1, 1)], written=[1]) == [
        AttributionRow(b"window 5 ", at(5), b"a", "cohort", TokenCounts(2), 0)
    ]
