from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.dashboard.charts import BAR_WIDTH, TREND_HEIGHT, stacked_bar, trend_bars, trend_width


@given(st.lists(st.integers(min_value=0, max_value=10**15), min_size=1, max_size=6))
def test_segments_fill_the_bar_in_order_and_every_part_is_visible(parts: list[int]) -> None:
    segments = stacked_bar([(str(position), part) for position, part in enumerate(parts)])
    assert [segment.kind for segment in segments] == [str(position) for position, part in enumerate(parts) if part]
    for before, after in pairwise(segments):
        assert before.x + before.width < after.x
    if segments:
        assert segments[0].x == 0
        assert segments[-1].x + segments[-1].width == pytest.approx(BAR_WIDTH, abs=0.1)
        assert min(segment.width for segment in segments) > 2


def test_nothing_makes_no_segments() -> None:
    assert stacked_bar([("merged", 0), ("overhead", 0)]) == []


def test_the_highest_period_is_as_high_as_the_chart_and_unknown_ones_stay_empty() -> None:
    bars = trend_bars([10, None, 40, 1])
    assert [bar.height for bar in bars] == [8.0, 0.0, TREND_HEIGHT, 2.0]
    assert [bar.is_last for bar in bars] == [False, False, False, True]
    assert bars[-1].x + 10 == trend_width(4)


def test_a_trend_without_values_is_empty() -> None:
    assert [bar.height for bar in trend_bars([None, None])] == [0.0, 0.0]
    assert trend_bars([]) == []
    assert trend_width(0) == 0
