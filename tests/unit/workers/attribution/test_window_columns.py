from datetime import UTC, datetime

from tests.unit.workers.attribution.builders import at, window
from vocabulary.tokens import TokenCounts
from workers.attribution.model import Evidence, Window
from workers.attribution.window_columns import Windows, hour_begins, hour_number


def test_windows_are_sorted_by_hour_and_id() -> None:
    windows = [window(hour, name=name) for hour in (5, 3, 4) for name in ("b", "a")]
    columns = Windows.of(windows)
    assert columns.window_ids == tuple(sorted(each.window_id for each in windows))
    assert columns.hour.tolist() == [hour_number(at(hour)) for hour in (3, 3, 4, 4, 5, 5)]


def test_columns_hold_what_the_windows_held() -> None:
    first = Window(b"1", at(1), TokenCounts(1, 2, 3, 4, 5), 6, "m", "w", Evidence(branch=b"x"))
    second = Window(b"2", at(1), TokenCounts(2**62), 2**62, "n", "", Evidence(branch=b"x"))
    columns = Windows.of([second, first])
    assert columns.amounts.tolist() == [[1, 2, 3, 4, 5, 6], [2**62, 0, 0, 0, 0, 2**62]]
    assert [columns.label_values[label] for label in columns.label] == [("m", "w"), ("n", "")]
    assert columns.evidence_values == (Evidence(branch=b"x"),)
    assert columns.evidence.tolist() == [0, 0]


def test_no_windows_are_columns_too() -> None:
    assert len(Windows.of([])) == 0
    assert Windows.of([]).amounts.shape == (0, 6)


def test_a_window_id_may_end_in_zero_bytes() -> None:
    ids = [b"\x00" * 32, b"a" + b"\x00" * 31]
    windows = [Window(window_id, at(0), TokenCounts(1)) for window_id in ids]
    assert Windows.of(windows).window_ids == tuple(ids)


def test_an_hour_is_counted_from_the_epoch() -> None:
    assert hour_number(datetime(1970, 1, 2, 3, 59, 59, tzinfo=UTC)) == 27
    assert hour_begins(27) == datetime(1970, 1, 2, 3, tzinfo=UTC)
