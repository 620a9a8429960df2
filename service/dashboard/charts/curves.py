"""Curves over time: a line with its interval as a band, the period before dotted, unfinished slots apart. Pure."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from service.dashboard.charts.axis import Axis, Unit, axis_to, value_text
from service.dashboard.charts.parts import (
    BOTTOM,
    HEIGHT,
    STRETCHED,
    TOP,
    TOP_WITH_MARKS,
    Box,
    Chart,
    Dot,
    Event,
    Key,
    Table,
    labels_of,
    marks_of,
    middle,
)

Scale: TypeAlias = Callable[[float], float]


class Point(NamedTuple):
    """The value of a slot, and its interval; None where nothing was measured."""

    value: float | None
    low: float | None = None
    high: float | None = None


class SlotLook(NamedTuple):
    """A slot's label; partial ones are drawn hollow, and what was not heard at all is only hatched."""

    label: str
    is_partial: bool = False
    is_silent: bool = False


def curve_chart(
    name: str,
    unit_text: str,
    unit: Unit,
    slots: Sequence[SlotLook],
    points: Sequence[Point],
    table: Table,
    *,
    before: Sequence[float | None] = (),
    events: Sequence[Event] = (),
    legend: Sequence[Key] = (),
    height: int = HEIGHT,
) -> Chart:
    """Return a chart of one curve. The scale follows whole slots: an unfinished outlier is cut and labelled."""
    top, base = TOP_WITH_MARKS if events else TOP, height - BOTTOM
    whole = [point for slot, point in zip(slots, points, strict=True) if not slot.is_partial]
    reached = [end for point in whole or points for end in (point.high, point.value) if end is not None]
    axis = axis_to(
        max([*reached, *(each for each in before if each is not None)], default=0), top=top, base=base, unit=unit
    )
    number = len(slots)
    paths = []
    drawn = [point if not slot.is_partial else Point(None) for slot, point in zip(slots, points, strict=True)]
    if band := _band(drawn, number, axis.y):
        paths.append(("f-band", band))
    if before:
        paths.append(("ln s-ghost", _line([*before, *([None] * (number - len(before)))], number, axis.y)))
    paths.append(("ln s-merged", _line([point.value for point in drawn], number, axis.y)))
    dots = [
        _dot(place, slots[place], point, axis, number) for place, point in enumerate(points) if point.value is not None
    ]
    return Chart(
        name=name,
        unit=unit_text,
        axis=axis,
        height=height,
        slots=number,
        labels=labels_of([slot.label for slot in slots]),
        table=table,
        hatches=hatches_of(slots, top, base),
        paths=[(kind, path) for kind, path in paths if path],
        dots=dots,
        marks=marks_of(events),
        legend=list(legend),
    )


def hatches_of(slots: Sequence[SlotLook], top: float, base: float) -> list[Box]:
    """Return the ground of the slots that are unfinished or were not heard."""
    width = 100 / len(slots) if slots else 0
    return [
        Box("f-hatch", round(place * width, 2), round(width, 2), top, base - top)
        for place, slot in enumerate(slots)
        if slot.is_partial or slot.is_silent
    ]


def _dot(place: int, slot: SlotLook, point: Point, axis: Axis, number: int) -> Dot:
    x, value = middle(place, number), point.value or 0
    if not slot.is_partial:
        return Dot(x, axis.y(value))
    low = None if point.low is None else axis.y(point.low)
    high = None if point.high is None else axis.y(point.high)
    text = value_text(value, axis.unit) if value > axis.highest else ""
    return Dot(x, axis.y(value), is_hollow=True, low=low, high=high, text=text)


def _line(values: Sequence[float | None], number: int, y: Scale) -> str:
    path, is_down = [], False
    for place, value in enumerate(values):
        if value is not None:
            path.append(f"{'L' if is_down else 'M'}{_x(place, number)} {y(value)}")
        is_down = value is not None
    return "".join(path)


def _band(points: Sequence[Point], number: int, y: Scale) -> str:
    path = ""
    run: list[tuple[float, float, float]] = []
    for place, point in enumerate([*points, Point(None)]):
        if point.low is not None and point.high is not None:
            run.append((_x(place, number), y(point.high), y(point.low)))
            continue
        if len(run) > 1:
            forth = "L".join(f"{x} {high}" for x, high, _ in run)
            back = "L".join(f"{x} {low}" for x, _, low in reversed(run))
            path += f"M{forth}L{back}Z"
        run = []
    return path


def _x(place: int, number: int) -> float:
    return round((place + 0.5) / number * STRETCHED, 2)
