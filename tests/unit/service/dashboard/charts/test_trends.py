"""Small curves share one axis."""

from service.dashboard.charts.trends import trend_column
from vocabulary.tokens import NANO_USD


def test_curves_share_the_axis_of_the_highest() -> None:
    column = trend_column([[NANO_USD, 2 * NANO_USD], [4 * NANO_USD, None, 2 * NANO_USD]], "usd")
    assert column.paths == ["M2.0 17.0L98.0 12.0", "M2.0 2.0M98.0 12.0"]
    assert column.scale == "$0–$4"


def test_a_single_value_has_no_trend() -> None:
    assert trend_column([[NANO_USD, None], []], "usd") == (["", ""], "")
