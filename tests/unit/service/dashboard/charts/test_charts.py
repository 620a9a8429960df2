"""Geometry of charts: from zero, on one scale, nothing beside the plot."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.dashboard.charts.axis import Unit, axis_to
from service.dashboard.charts.bars import bar_chart, whole_bar
from service.dashboard.charts.curves import Point, SlotLook, curve_chart
from service.dashboard.charts.parts import Event, Table, labels_of, marks_of
from service.dashboard.charts.ranges import effects, range_column
from service.dashboard.charts.waterfall import waterfall
from vocabulary.tokens import NANO_USD

EMPTY = Table(("Week",))
AMOUNTS = st.floats(0, 1e15, allow_nan=False)


def looks(number: int, partial: int | None = None) -> list[SlotLook]:
    return [SlotLook(str(place), place == partial) for place in range(number)]


@given(st.floats(0, 1e18, allow_nan=False), st.sampled_from(["usd", "tokens"]))
def test_an_axis_begins_at_zero_and_reaches_the_highest_in_few_round_steps(highest: float, unit: Unit) -> None:
    axis = axis_to(highest, top=10, base=240, unit=unit)
    assert axis.highest >= highest * (1 - 1e-9)
    assert axis.ticks[0].y == 240
    assert axis.ticks[-1].y == 10
    assert 2 <= len(axis.ticks) <= 6
    assert all(upper.y < lower.y for lower, upper in pairwise(axis.ticks))


def test_ticks_of_whole_dollars_have_no_cents() -> None:
    assert [tick.text for tick in axis_to(5.5 * NANO_USD, top=0, base=1, unit="usd").ticks] == ["$0", "$2", "$4", "$6"]
    assert axis_to(0, top=0, base=1, unit="tokens").ticks[-1].text == "1"


def test_a_curve_is_broken_where_nothing_was_measured() -> None:
    points = [Point(1e9), Point(2e9), Point(None), Point(3e9)]
    [(_, path)] = curve_chart("Cost", "$", "usd", looks(4), points, EMPTY).paths
    assert path.count("M") == 2


def test_an_unfinished_outlier_is_hollow_cut_and_labelled() -> None:
    points = [Point(1e9, 0.8e9, 1.2e9), Point(2e9, 1.8e9, 2.2e9), Point(50e9, 40e9, 60e9)]
    chart = curve_chart("Cost", "$", "usd", looks(3, partial=2), points, EMPTY)
    assert chart.axis.highest <= 3e9
    last = chart.dots[-1]
    assert (last.is_hollow, last.text, last.y) == (True, "$50.00", chart.axis.top)
    assert len(chart.hatches) == 1
    band, line = chart.paths
    assert band[1].count("L") == 3
    assert line[1].count("L") == 1


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=30))
def test_bars_stand_on_the_ground_and_stay_within_the_plot(values: list[tuple[float, float]]) -> None:
    parts = {"merged": [one for one, _ in values], "overhead": [other for _, other in values]}
    chart = bar_chart("Spend", "$", "usd", looks(len(values)), parts, EMPTY)
    for box in chart.boxes:
        assert box.y >= chart.axis.top - 0.01
        assert box.y + box.height <= chart.axis.base + 1.01
        assert 0 <= box.x <= box.x + box.width <= 100


def test_an_unfinished_bar_is_veiled() -> None:
    chart = bar_chart("Spend", "$", "usd", looks(2, partial=1), {"merged": [2e9, 9e9]}, EMPTY)
    assert [box.kind for box in chart.boxes] == ["f-merged", "f-merged", "f-veil"]
    assert [text.text for text in chart.texts] == ["$9.00"]


def test_the_parts_of_a_whole_fill_it() -> None:
    segments = whole_bar({"merged": 2, "in-flight": 0, "overhead": 1})
    assert [segment.kind for segment in segments] == ["merged", "overhead"]
    assert segments[-1].x + segments[-1].width == pytest.approx(100, abs=0.02)
    assert whole_bar({"merged": 0}) == []


@pytest.mark.parametrize("number", [1, 13, 27, 120])
def test_the_newest_slot_is_always_labelled(number: int) -> None:
    labels = labels_of([str(place) for place in range(number)])
    assert labels[-1].text == str(number - 1)
    assert not labels[-1].is_alternate
    assert len(labels) <= 14


def test_marks_that_are_close_stand_in_two_rows_and_a_third_has_no_text() -> None:
    marks = marks_of([Event(0.4, "one"), Event(0.42, "two"), Event(0.44, "three"), Event(0.9, "last")])
    assert [mark.text for mark in marks] == ["one", "two", "", "last"]
    assert marks[0].y != marks[1].y
    assert marks[-1].anchor == "end"


def test_long_texts_of_marks_need_more_room() -> None:
    tag = "example-shop/deploy-tools@v1.7.0"
    marks = marks_of([Event(0.7, tag), Event(0.8, tag), Event(0.9, tag)])
    assert [mark.text for mark in marks] == [tag, tag, ""]
    assert {mark.anchor for mark in marks} == {"end"}


def test_ranges_share_one_scale_whose_ends_are_round() -> None:
    column = range_column([(6e9, 12e9, 9e9), None, (20e9, 70e9, None)], "usd")
    first, missing, estimate = column.ranges
    assert missing is None
    assert first is not None
    assert estimate is not None
    assert column.ends[0] == "$5"
    assert 0 <= first.low < first.high < estimate.low < estimate.high <= 100
    assert estimate.point is None
    assert range_column([None], "usd").ends == ("", "", "")


def test_what_saves_stands_left_of_what_adds() -> None:
    rise, saving = effects([("Requests", "+$3", 3), ("Caching", "−$1", -1)])
    assert (rise.x, rise.width) == (25, 75)
    assert (saving.x, saving.width, saving.is_saving) == (0, 25, True)
    assert effects([("Prices", "$0", 0)])[0].width == 0


def test_a_waterfall_leads_from_one_amount_to_the_other() -> None:
    chart = waterfall(
        "Why",
        "$",
        ("before", 10 * NANO_USD),
        [("Requests", 5 * NANO_USD), ("Caching", -3 * NANO_USD)],
        ("now", 12 * NANO_USD),
    )
    assert [box.kind for box in chart.boxes] == ["f-prev", "f-up", "f-down", "f-total"]
    assert chart.boxes[2].y == pytest.approx(chart.boxes[1].y)
    assert [row.head for row in chart.table.rows] == ["now", "Caching", "Requests", "before"]
    assert chart.table.rows[1].cells[1] == "$12.00"
