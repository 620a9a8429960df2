from tests.unit.workers.attribution.builders import SHOP_NAME, facts, window
from workers.attribution.cells import Cells, cells_of
from workers.attribution.evidence import EvidenceIndex
from workers.attribution.matches import match_windows
from workers.attribution.model import Window
from workers.attribution.window_columns import Windows


def cells(*windows: Window) -> Cells:
    columns = Windows.of(windows)
    return cells_of(columns, match_windows(columns, EvidenceIndex(facts()), {}))


def test_windows_of_one_pool_and_hour_share_a_cell() -> None:
    found = cells(window(3, 10, name="opus"), window(3, 20, name="sonnet"), window(4, 40))
    assert found.of_window.tolist() == [0, 0, 1]
    assert found.tokens.tolist() == [30, 40]


def test_pools_of_one_hour_have_cells_of_their_own() -> None:
    found = cells(window(3, 10), window(3, 20, name="reported", repository=SHOP_NAME))
    assert (found.pool.tolist(), found.tokens.tolist()) == ([0, 1], [10, 20])
    assert found.hour[0] == found.hour[1]


def test_no_windows_make_no_cells() -> None:
    assert len(cells()) == 0


def test_sums_at_midnight_on_nearly_every_day_hold_the_tokens_of_their_day() -> None:
    found = cells(*(window(24 * day) for day in range(10)))
    assert found.by_day.all()


def test_work_at_midnight_beside_other_hours_is_no_sum_of_a_day() -> None:
    assert not cells(*(window(24 * day) for day in range(10)), *(window(24 * day + 9) for day in range(5))).by_day.any()
    assert not cells(window(0), window(24)).by_day.any(), "two days are too few"
