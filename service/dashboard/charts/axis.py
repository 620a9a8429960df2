"""Axes: round ticks from zero, and what they are called. Pure."""

from math import floor, log10
from typing import Literal, NamedTuple, TypeAlias

from service.dashboard.numbers.units import count_text, percent_text, signed, usd_text
from vocabulary.tokens import NANO_USD

Unit: TypeAlias = Literal["usd", "tokens", "count", "share"]
STEPS = (1, 2, 2.5, 5, 10)
MOST_TICKS = 4


class Tick(NamedTuple):
    """A line of the grid, and its text; `is_base` if it is at zero."""

    y: float
    text: str
    is_base: bool = False


class Axis(NamedTuple):
    """A vertical axis from zero, or `lowest`, at `base` to `highest` at `top`, in pixels from above."""

    highest: float
    step: float
    top: float
    base: float
    unit: Unit
    lowest: float = 0.0

    def y(self, value: float) -> float:
        """Return where a value is; beyond the end of the axis, the end."""
        share = min(max((value - self.lowest) / (self.highest - self.lowest), 0.0), 1.0)
        return round(self.base - share * (self.base - self.top), 2)

    @property
    def ticks(self) -> list[Tick]:
        """The ticks upwards."""
        places = range(round(self.lowest / self.step), round(self.highest / self.step) + 1)
        return [Tick(self.y(self.step * each), self.text(self.step * each), each == 0) for each in places]

    def text(self, value: float) -> str:
        """Return a tick's text, with its sign if there are any below zero."""
        text = tick_text(value, self.step, self.unit)
        return signed(value, text) if self.lowest < 0 else text


def axis_to(highest: float, *, top: float, base: float, unit: Unit) -> Axis:
    """Return the axis whose round ticks reach `highest`."""
    scale = NANO_USD if unit == "usd" else 1
    least = 0.01 if unit in {"usd", "share"} else 1
    wanted = max(highest / scale, least) / MOST_TICKS
    power = 10.0 ** floor(log10(wanted))
    step = next(step * power for step in STEPS if step * power >= wanted)
    if unit in {"tokens", "count"}:
        step = max(1.0, step)
    # Shares that add up to one may exceed it by a rounding error.
    number = max(1, -int(-(highest / scale) * (1 - 1e-9) // step))
    return Axis(step * number * scale, step * scale, top, base, unit)


def axis_around_zero(highest: float, *, top: float, base: float, unit: Unit) -> Axis:
    """Return the axis whose round ticks reach as far below zero as above."""
    step = axis_to(2 * highest, top=top, base=base, unit=unit).step
    reach = step * max(1, -int(-highest * (1 - 1e-9) // step))
    return Axis(reach, step, top, base, unit, -reach)


def tick_text(value: float, step: float, unit: Unit) -> str:
    """Return a value of an axis; dollars without cents where each step is whole."""
    if unit == "share":
        return percent_text(value, 0 if step >= 0.01 else 1)  # noqa: PLR2004 - whole percent
    if unit == "usd":
        return usd_text(value, 100 * NANO_USD if step >= NANO_USD and step % NANO_USD == 0 else None)
    return count_text(value)


def value_text(value: float, unit: Unit) -> str:
    """Return a value in its unit, as a read-out shows it."""
    return {"usd": usd_text, "share": percent_text}.get(unit, count_text)(value)
