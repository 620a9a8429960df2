from datetime import timedelta

import numpy as np
import pytest

from tests.unit.workers.attribution.builders import MONDAY, at, window
from vocabulary.tokens import TokenCounts
from workers.attribution.ledger import EVIDENCE_PLACES, AttributionRow, AttributionRows, RollupRow, roll_up
from workers.attribution.model import Window
from workers.attribution.window_columns import Windows


def rows_of(*shares: tuple[Window, bytes, str, int, int]) -> AttributionRows:
    windows = Windows.of([share[0] for share in shares])
    artifacts = (b"", *sorted({share[1] for share in shares} - {b""}))
    ordered = sorted(shares, key=lambda share: (share[0].hour, share[0].window_id))
    return AttributionRows(
        windows,
        artifacts,
        window=np.array([windows.window_ids.index(share[0].window_id) for share in ordered], dtype=np.int64),
        artifact=np.array([artifacts.index(share[1]) for share in ordered], dtype=np.int64),
        evidence=np.array([EVIDENCE_PLACES[share[2]] for share in ordered], dtype=np.int64),
        amounts=np.array([(tokens, 0, 0, 0, 0, cost) for *_, tokens, cost in ordered], np.int64).reshape(-1, 6),
    )


def test_rows_can_be_read_one_at_a_time() -> None:
    rows = rows_of((window(5), b"a", "branch", 3, 7), (window(4), b"", "overhead", 1, 2))
    assert list(rows) == [
        AttributionRow(b"window 4 ", at(4), b"", "overhead", TokenCounts(1), 2),
        AttributionRow(b"window 5 ", at(5), b"a", "branch", TokenCounts(3), 7),
    ]


def test_rows_can_be_read_in_parts() -> None:
    rows = rows_of(*((window(hour), b"a", "branch", hour, 0) for hour in range(22, 27)))
    parts = [row for start in range(0, len(rows), 2) for row in rows.values(start, start + 2)]
    assert parts == list(rows.values(0, len(rows)))
    assert [day for day, *_ in parts] == [MONDAY.date()] * 2 + [MONDAY.date() + timedelta(days=1)] * 3


def test_the_rollup_keeps_days_pull_requests_and_evidence_apart() -> None:
    rows = rows_of(
        (window(1), b"a", "branch", 1, 10),
        (window(2), b"a", "branch", 2, 20),
        (window(3), b"a", "commit", 4, 40),
        (window(4), b"b", "branch", 8, 80),
        (window(25), b"a", "branch", 16, 160),
    )
    model = "claude-sonnet-4-5"
    tuesday = MONDAY.date() + timedelta(days=1)
    assert list(roll_up(rows)) == [
        RollupRow(MONDAY.date(), b"a", "commit", model, "", TokenCounts(4), 40),
        RollupRow(MONDAY.date(), b"a", "branch", model, "", TokenCounts(3), 30),
        RollupRow(MONDAY.date(), b"b", "branch", model, "", TokenCounts(8), 80),
        RollupRow(tuesday, b"a", "branch", model, "", TokenCounts(16), 160),
    ]


@pytest.mark.parametrize("dimension", ["model", "workflow"])
def test_the_rollup_keeps_models_and_workflows_apart(dimension: str) -> None:
    windows = [
        Window(name.encode(), at(1), TokenCounts(1), **{dimension: name})  # type: ignore[arg-type] # a name of either
        for name in ("z", "y")
    ]
    rollup = roll_up(rows_of(*((each, b"a", "branch", 1, 0) for each in windows)))
    assert [getattr(row, dimension) for row in rollup] == ["y", "z"]


def test_no_rows_roll_up_to_nothing() -> None:
    assert list(roll_up(rows_of())) == []
