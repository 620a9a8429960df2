"""One value beside others on one logarithmic scale."""

from service.dashboard.charts.strip_plot import MOST_DOTS, strip_plot
from vocabulary.tokens import NANO_USD

DOLLARS = [NANO_USD * dollars for dollars in (1, 2, 3, 4, 5, 6, 7, 8, 9)]


def test_the_middle_half_holds_the_median_and_this_one_is_where_it_costs() -> None:
    plot = strip_plot("", "", "usd", DOLLARS, (8 * NANO_USD, 12 * NANO_USD, 10 * NANO_USD))
    assert plot.quartiles == ("$3.00", "$5.00", "$7.00")
    assert plot.median_text == "median $5.00"
    first, width = plot.half
    assert first < plot.median < first + width
    assert plot.point is not None
    assert plot.low < plot.point < plot.low + plot.width
    assert (plot.ticks[0].text, plot.ticks[-1].text) == ("$1", "$20")


def test_an_estimate_has_no_point() -> None:
    assert strip_plot("", "", "usd", DOLLARS, (NANO_USD, 9 * NANO_USD, None)).point is None


def test_equal_values_and_many_of_them_are_drawn_too() -> None:
    plot = strip_plot("", "", "usd", [NANO_USD] * 1_000, (NANO_USD, NANO_USD, NANO_USD))
    assert len(plot.dots) <= 2 * MOST_DOTS
    assert {x for x, _ in plot.dots} == {0.0}
    assert all(22 < y < 166 for _, y in plot.dots)
