"""Effects with their intervals: as text, and as a column on one scale around zero. Pure."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from service.contracts.effects.study import EffectShown
from service.dashboard.charts.ranges import Range
from service.dashboard.numbers.units import MINUS, NARROW, NOTHING

SCALES: Final = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0)


class EffectCell(NamedTuple):
    """An effect in a table: `+6 %`, `-4 to +16 %`, and what would have shown; `is_clear` if zero is outside."""

    change: str
    interval: str
    visible: str
    is_clear: bool
    range: Range | None


class EffectColumn(NamedTuple):
    """The cells of rows, and the three texts of the scale's head."""

    cells: list[EffectCell]
    ends: tuple[str, str, str]


def effect_column(
    effects: Sequence[EffectShown | None], scaled: Sequence[EffectShown | None] | None = None
) -> EffectColumn:
    """Return effects on one scale around zero, which ends at a round share from 5 to 500 %.

    The scale follows the `scaled` ones (default: all). What is beyond it has a number and no range.
    """
    followed = effects if scaled is None else scaled
    reached = [abs(end) for each in followed if each is not None for end in (each.low, each.high, each.change) if end]
    bound = next((scale for scale in SCALES if scale >= max(reached, default=0)), SCALES[-1])
    cells = [_cell(each, bound) for each in effects]
    if not any(cell.range for cell in cells):
        return EffectColumn(cells, ("", "", ""))
    return EffectColumn(cells, (share_text(-bound), "0", share_text(bound)))


def share_text(share: float) -> str:
    """Return a share with its sign: `+6 %`."""
    return f"{_signed(share)}{NARROW}%"


def interval_of_effect(effect: EffectShown) -> str:
    """Return the interval of an effect: `-4 to +16 %`; empty if an end is beyond all numbers."""
    if effect.low is None or effect.high is None:
        return ""
    return f"{_signed(effect.low)} to {_signed(effect.high)}{NARROW}%"


def is_clear(effect: EffectShown | None) -> bool:
    """Return whether zero is outside the interval."""
    return effect is not None and effect.low is not None and effect.high is not None and effect.low * effect.high > 0


def _cell(effect: EffectShown | None, bound: float) -> EffectCell:
    if effect is None or effect.change is None:
        return EffectCell(NOTHING, "", "", is_clear=False, range=None)
    visible = effect.smallest_visible
    return EffectCell(
        share_text(effect.change),
        interval_of_effect(effect),
        "" if visible is None else f"±{round(100 * visible)}{NARROW}%",
        is_clear(effect),
        _range(effect, bound),
    )


def _range(effect: EffectShown, bound: float) -> Range | None:
    if effect.low is None or effect.high is None or effect.change is None or abs(effect.change) > bound:
        return None
    low, high, point = (
        round(50 + 50 * min(max(each / bound, -1), 1), 2) for each in (effect.low, effect.high, effect.change)
    )
    return Range(low, high, point, f"{share_text(effect.change)}, {interval_of_effect(effect)}")


def _signed(share: float) -> str:
    percent = round(100 * share)
    return f"{'+' if percent > 0 else MINUS if percent < 0 else ''}{abs(percent)}"
