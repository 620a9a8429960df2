"""Columns of ranges that share one scale, and bars of what added and what saved. Pure."""

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import NamedTuple

from service.dashboard.charts.axis import Unit, value_text


class Range(NamedTuple):
    """An interval in percent of the column's width; without a `point`, only a hatched box.

    `before` is the point of the earlier period, if any.
    """

    low: float
    high: float
    point: float | None
    text: str
    before: float | None = None

    @property
    def width(self) -> float:
        """Its width."""
        return round(self.high - self.low, 2)

    @property
    def middle(self) -> float:
        """The point, or the middle of an interval without one."""
        return round((self.low + self.high) / 2, 2) if self.point is None else self.point


class RangeColumn(NamedTuple):
    """The ranges of a column's rows, and the three texts of its head, at 0, 50 and 100 %."""

    ranges: list[Range | None]
    ends: tuple[str, str, str]


class Effect(NamedTuple):
    """One cause of a change: a bar from `x` in percent, solid if it adds and hollow if it saves."""

    name: str
    text: str
    x: float
    width: float
    is_saving: bool


def range_column(
    rows: Sequence[tuple[float, float, float | None] | None], unit: Unit, before: Sequence[float | None] = ()
) -> RangeColumn:
    """Return rows of (low, high, point) on one logarithmic scale from 1, 2 or 5 to 1, 2 or 5.

    `before` holds the points of the earlier period of the same rows, on the same scale.
    """
    known = [row for row in rows if row is not None and row[1] > 0]
    if not known:
        return RangeColumn([None] * len(rows), ("", "", ""))
    earlier = list(before) or [None] * len(rows)
    reached = [each for row, each in zip(rows, earlier, strict=True) if row is not None and each]
    lowest = min([max(row[0], row[1] / 1000) for row in known] + reached)
    first, last = _round(lowest, up=False), _round(max([row[1] for row in known] + reached), up=True)
    if first == last:
        last = first * 10

    def place(value: float) -> float:
        share = (log10(max(value, first)) - log10(first)) / (log10(last) - log10(first))
        return round(100 * min(max(share, 0), 1), 2)

    ranges = [
        None
        if row is None or row[1] <= 0
        else Range(
            place(row[0]),
            place(row[1]),
            None if row[2] is None else place(row[2]),
            f"{value_text(row[0], unit)} to {value_text(row[1], unit)}"
            + (f"; before {value_text(earlier[number] or 0, unit)}" if earlier[number] else ""),
            place(earlier[number] or 0) if earlier[number] else None,
        )
        for number, row in enumerate(rows)
    ]
    middle = (first * last) ** 0.5
    is_round = abs(_round(middle, up=False) - middle) < middle / 100
    texts = [value_text(end, unit).removesuffix(".00") for end in (first, middle, last)]
    return RangeColumn(ranges, (texts[0], texts[1] if is_round else "", texts[2]))


def effects(rows: Sequence[tuple[str, str, float]]) -> list[Effect]:
    """Return (name, text, amount) as bars on both sides of a common zero."""
    above = max([amount for *_, amount in rows if amount > 0], default=0)
    below = max([-amount for *_, amount in rows if amount < 0], default=0)
    room = above + below or 1
    zero = 100 * below / room
    found = []
    for name, text, amount in rows:
        width = 100 * abs(amount) / room
        found.append(Effect(name, text, round(zero - width if amount < 0 else zero, 2), round(width, 2), amount < 0))
    return found


def round_down(value: float) -> float:
    """Return the 1, 2 or 5 of a power of ten at or below a value."""
    return _round(value, up=False)


def round_up(value: float) -> float:
    """Return the 1, 2 or 5 of a power of ten at or above a value."""
    return _round(value, up=True)


def _round(value: float, *, up: bool) -> float:
    """Return the next 1, 2 or 5 of a power of ten."""
    power = 10.0 ** (ceil(log10(value)) - 1 if up else floor(log10(value)))
    steps = (1, 2, 5, 10)
    if up:
        return next(step * power for step in steps if step * power >= value * (1 - 1e-9))
    return next(step * power for step in reversed(steps) if step * power <= value * (1 + 1e-9))
