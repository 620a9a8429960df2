"""One value beside others on a logarithmic scale: a dot for each, the middle half shaded, the median a line. Pure."""

from collections.abc import Callable, Sequence
from math import log10
from statistics import quantiles
from typing import Final, NamedTuple

from service.dashboard.charts.axis import Unit, value_text
from service.dashboard.charts.ranges import round_down, round_up

HEIGHT: Final = 190
TOP, BASE = 22, 166
MOST_DOTS: Final = 60
# Fewer have no middle half worth drawing.
FEWEST: Final = 8


class StripTick(NamedTuple):
    """A line of the grid, its text, and where the text stands."""

    x: float
    text: str
    anchor: str


class StripPlot(NamedTuple):
    """Places in percent of the width: `low` and `width` of this one's interval, `point` None without a figure."""

    name: str
    unit: str
    dots: list[tuple[float, float]]
    half: tuple[float, float]
    median: float
    median_text: str
    median_anchor: str
    low: float
    width: float
    point: float | None
    ticks: list[StripTick]
    quartiles: tuple[str, str, str]


def strip_plot(
    name: str, unit_text: str, unit: Unit, others: Sequence[float], this: tuple[float, float, float | None]
) -> StripPlot:
    """Return (low, high, point) of one value beside at least FEWEST others, all positive."""
    first, median, third = quantiles(others, n=4, method="inclusive")
    known = [*others, *(end for end in this if end)]
    lowest, highest = round_down(min(known)), round_up(max(known))
    place = _scale(lowest, highest * 10 if lowest == highest else highest)
    every = max(1, len(others) // MOST_DOTS)
    dots = [(place(value), _height(position)) for position, value in enumerate(sorted(others)[::every])]
    low, high = place(this[0]), place(this[1])
    at = place(median)
    return StripPlot(
        name,
        unit_text,
        dots,
        (place(first), round(place(third) - place(first), 2)),
        at,
        f"median {value_text(median, unit)}",
        "start" if at < 20 else "end" if at > 80 else "middle",  # noqa: PLR2004 - beyond it, text would leave the plot
        low,
        round(high - low, 2),
        None if this[2] is None else place(this[2]),
        _ticks(lowest, highest, place, unit),
        (value_text(first, unit), value_text(median, unit), value_text(third, unit)),
    )


def _scale(lowest: float, highest: float) -> Callable[[float], float]:
    span = log10(highest) - log10(lowest)

    def place(value: float) -> float:
        share = (log10(max(value, lowest)) - log10(lowest)) / span
        return round(100 * min(max(share, 0), 1), 2)

    return place


def _height(position: int) -> float:
    """Spread dots over the height, without two neighbours at the same one."""
    return TOP + 12 + (position * 37) % (BASE - TOP - 24)


def _ticks(lowest: float, highest: float, place: Callable[[float], float], unit: Unit) -> list[StripTick]:
    middle = round_down((lowest * highest) ** 0.5)
    ends = [(lowest, "start"), (middle, "middle"), (highest, "end")]
    shown = ends if 25 < place(middle) < 75 else [ends[0], ends[2]]  # noqa: PLR2004 - texts would touch
    return [StripTick(place(value), value_text(value, unit).removesuffix(".00"), anchor) for value, anchor in shown]
