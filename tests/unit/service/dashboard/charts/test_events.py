"""Effects around an event, on an axis around zero."""

from service.dashboard.charts.axis import axis_around_zero
from service.dashboard.charts.events import Measured, event_chart, week_text
from service.dashboard.charts.parts import Table


def test_an_axis_around_zero_reaches_as_far_below_as_above() -> None:
    axis = axis_around_zero(0.18, top=10, base=210, unit="share")
    assert (axis.lowest, axis.highest, axis.y(0)) == (-0.2, 0.2, 110)
    assert [tick.text.replace("\u202f", " ") for tick in axis.ticks] == ["−20 %", "−10 %", "0 %", "+10 %", "+20 %"]
    assert [tick.is_base for tick in axis.ticks] == [False, False, True, False, False]


def test_weeks_before_stand_on_their_own_ground_and_what_would_not_have_shown_is_hatched() -> None:
    weeks = {-2: Measured(0.01, -0.05, 0.07), 0: Measured(0.1, 0.02, 0.18), 1: Measured(0.12, 0.05, 0.2)}
    chart = event_chart("Weeks", "change", weeks, 0.1, "agents in use", Table(("Week", "Change")))
    assert chart.slots == 4
    before, hatched = chart.hatches
    assert (before.kind, before.x, before.width) == ("f-pre", 0, 50.0)
    assert (hatched.kind, hatched.x, hatched.y) == ("f-hatch", 50.0, chart.axis.y(0.1))
    assert [dot.x for dot in chart.dots] == [12.5, 62.5, 87.5]
    assert chart.marks[0].x == 50.0


def test_an_interval_beyond_all_use_is_cut() -> None:
    chart = event_chart("Weeks", "", {0: Measured(0.1, -0.9, 40.0)}, None, "", Table(("Week",)))
    assert chart.axis.highest == 1.0
    assert chart.dots[0].high == chart.axis.top


def test_weeks_have_signs() -> None:
    assert [week_text(week) for week in (-8, 0, 2)] == ["−8", "start", "+2"]
