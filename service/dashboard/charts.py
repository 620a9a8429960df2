"""Geometry of the small charts, in units of their SVG view boxes. Colours are in the style sheet."""

from collections.abc import Sequence
from dataclasses import dataclass

BAR_WIDTH = 1000.0
GAP = 3.0
# Keeps the smallest part visible.
LEAST_WIDTH = 3.0

TREND_HEIGHT = 32.0
TREND_STEP = 14.0
TREND_BAR = 10.0
LEAST_HEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a stacked bar: left edge and width, in units of BAR_WIDTH."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class TrendBar:
    """One period of a trend; a height of 0 draws no bar."""

    x: float
    y: float
    height: float
    is_last: bool


def stacked_bar(parts: Sequence[tuple[str, int]]) -> list[Segment]:
    """Return segments in the order of `parts`, with proportional widths; parts of 0 are left out."""
    present = [(kind, part) for kind, part in parts if part > 0]
    room = BAR_WIDTH - GAP * max(0, len(present) - 1)
    whole = sum(part for _, part in present)
    widths = [max(LEAST_WIDTH, room * part / whole) for _, part in present]
    scale = room / sum(widths) if widths else 1.0
    segments, x = [], 0.0
    for (kind, _), width in zip(present, widths, strict=True):
        segments.append(Segment(kind, round(x, 2), round(width * scale, 2)))
        x += width * scale + GAP
    return segments


def trend_bars(values: Sequence[int | None]) -> list[TrendBar]:
    """Return one bar per period, scaled so that the highest fills the chart; a period without a value has height 0."""
    highest = max((value for value in values if value is not None), default=0)
    bars = []
    for position, value in enumerate(values):
        height = 0.0
        if value is not None and highest > 0:
            height = max(LEAST_HEIGHT, TREND_HEIGHT * value / highest)
        bars.append(
            TrendBar(
                round(position * TREND_STEP, 2),
                round(TREND_HEIGHT - height, 2),
                round(height, 2),
                position == len(values) - 1,
            )
        )
    return bars


def trend_width(periods: int) -> float:
    """Return the width of a trend's view box."""
    return max(0.0, (periods - 1) * TREND_STEP + TREND_BAR)
