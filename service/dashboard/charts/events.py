"""Effects week by week around an event: points with their intervals around zero. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from service.dashboard.charts.axis import axis_around_zero
from service.dashboard.charts.parts import (
    BOTTOM,
    HEIGHT,
    TOP_WITH_MARKS,
    Box,
    Chart,
    Dot,
    Key,
    Mark,
    Table,
    labels_of,
    middle,
)
from service.dashboard.numbers.units import exact_text, signed

# An interval beyond twice as much is cut: it would flatten all others.
MOST = 1.0


class Measured(NamedTuple):
    """A change as a share, and its interval."""

    change: float
    low: float
    high: float


def event_chart(
    name: str, unit_text: str, weeks: Mapping[int, Measured], visible: float | None, happened: str, table: Table
) -> Chart:
    """Return measured changes by week; those before 0 were before the event. `visible` is what would have shown.

    The table must have a row for each week from the first to the last, the latest first.
    """
    top, base = TOP_WITH_MARKS, HEIGHT - BOTTOM
    first, last = min(weeks), max(weeks)
    number = last - first + 1
    reached = max([*(abs(end) for each in weeks.values() for end in each), visible or 0])
    axis = axis_around_zero(min(reached, MOST), top=top, base=base, unit="share")
    begins = round(min(max(-first, 0), number) / number * 100, 2)
    grounds, legend = [], [Key("s-merged", "change, with its 95 % interval")]
    if begins:
        grounds.append(Box("f-pre", 0, begins, top, base - top))
        legend.append(Key("pre", "before: should show nothing"))
    if visible and begins < 100:  # noqa: PLR2004 - something is after it
        high = axis.y(visible)
        grounds.append(Box("f-hatch", begins, round(100 - begins, 2), high, round(axis.y(-visible) - high, 2)))
        legend.append(Key("hatch", "a change inside the hatching would not have shown"))
    return Chart(
        name=name,
        unit=unit_text,
        axis=axis,
        height=HEIGHT,
        slots=number,
        labels=labels_of([week_text(week) for week in range(first, last + 1)]),
        table=table,
        hatches=grounds,
        dots=[
            Dot(middle(week - first, number), axis.y(each.change), low=axis.y(each.low), high=axis.y(each.high))
            for week, each in sorted(weeks.items())
        ],
        marks=[Mark(begins, 8, happened, "start")] if begins < 100 else [],  # noqa: PLR2004 - it is on the chart
        legend=legend,
    )


def week_text(week: int) -> str:
    """Return a week around the event: `-8`, `start`, `+2`."""
    return "start" if week == 0 else signed(week, exact_text(week))
