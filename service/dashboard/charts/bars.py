"""Bars over time, stacked by part, and the single bar of a whole. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from service.dashboard.charts.axis import Unit, axis_to, value_text
from service.dashboard.charts.curves import SlotLook, hatches_of
from service.dashboard.charts.parts import (
    BOTTOM,
    HEIGHT,
    TOP,
    TOP_WITH_MARKS,
    Box,
    Chart,
    Event,
    Key,
    Mark,
    Table,
    labels_of,
    marks_of,
    middle,
)

# The share of a slot that its bar fills.
FILLED = 0.66
# Keeps the smallest part visible, in pixels.
LEAST_HEIGHT = 1.0


class Segment(NamedTuple):
    """A part of a whole bar, in percent of its width; `kind` is its class."""

    kind: str
    x: float
    width: float


def bar_chart(
    name: str,
    unit_text: str,
    unit: Unit,
    slots: Sequence[SlotLook],
    parts: Mapping[str, Sequence[float]],
    table: Table,
    *,
    events: Sequence[Event] = (),
    legend: Sequence[Key] = (),
    height: int = HEIGHT,
) -> Chart:
    """Return stacked bars; `parts` holds a value for each slot by class, from below. Unfinished bars are veiled."""
    top, base = TOP_WITH_MARKS if events else TOP, height - BOTTOM
    number = len(slots)
    totals = [sum(values[place] for values in parts.values()) for place in range(number)]
    whole = [total for slot, total in zip(slots, totals, strict=True) if not slot.is_partial]
    axis = axis_to(max(whole or totals, default=0), top=top, base=base, unit=unit)
    boxes = []
    for place in range(number):
        x, width = round((place + (1 - FILLED) / 2) / number * 100, 2), round(FILLED / number * 100, 2)
        below = 0.0
        for kind, values in parts.items():
            if values[place] > 0:
                y, foot = axis.y(below + values[place]), axis.y(below)
                boxes.append(Box(f"f-{kind}", x, width, y, max(round(foot - y, 2), LEAST_HEIGHT)))
            below += values[place]
        if slots[place].is_partial and totals[place] > 0:
            boxes.append(Box("f-veil", x, width, axis.y(below), round(base - axis.y(below), 2)))
    return Chart(
        name=name,
        unit=unit_text,
        axis=axis,
        height=height,
        slots=number,
        labels=labels_of([slot.label for slot in slots]),
        table=table,
        hatches=hatches_of([SlotLook(slot.label, is_silent=slot.is_silent) for slot in slots], top, base),
        boxes=boxes,
        marks=marks_of(events),
        texts=[
            Mark(middle(place, number), top + 12, value_text(total, unit), "middle")
            for place, total in enumerate(totals)
            if total > axis.highest
        ],
        legend=list(legend),
    )


def whole_bar(parts: Mapping[str, int]) -> list[Segment]:
    """Return the parts of one bar in their order; parts of 0 are left out."""
    whole = sum(part for part in parts.values() if part > 0)
    segments, x = [], 0.0
    for kind, part in parts.items():
        if part > 0:
            width = 100 * part / whole
            segments.append(Segment(kind, round(x, 2), round(width, 2)))
            x += width
    return segments
