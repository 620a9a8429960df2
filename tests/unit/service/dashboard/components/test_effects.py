"""Effects on one scale around zero."""

import pytest

from service.contracts.effects.study import EffectShown
from service.dashboard.components.effects import effect_column, is_clear


def effect(change: float | None, low: float | None, high: float | None) -> EffectShown:
    return EffectShown(change=change, low=low, high=high, smallest_visible=0.14)


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def test_an_effect_has_its_interval_and_what_would_have_shown() -> None:
    [cell] = effect_column([effect(0.06, -0.04, 0.16)]).cells
    assert (plain(cell.change), plain(cell.interval), plain(cell.visible)) == ("+6 %", "−4 to +16 %", "±14 %")
    assert not cell.is_clear
    assert cell.range is not None
    assert (cell.range.low, cell.range.point, cell.range.high) == (40.0, 65.0, 90.0)


def test_all_share_the_scale_of_the_widest() -> None:
    column = effect_column([effect(0.01, -0.01, 0.02), effect(-0.17, -0.27, -0.06), None])
    assert [plain(end) for end in column.ends] == ["−30 %", "0", "+30 %"]
    assert column.cells[1].is_clear
    assert column.cells[2].change == "–"


def test_what_is_beyond_all_numbers_is_left_out() -> None:
    column = effect_column([effect(None, None, None), effect(0.5, None, None)])
    assert column.ends == ("", "", "")
    assert [cell.range for cell in column.cells] == [None, None]


@pytest.mark.parametrize(("low", "high", "clear"), [(0.1, 0.2, True), (-0.2, -0.1, True), (-0.1, 0.1, False)])
def test_an_effect_is_clear_if_zero_is_outside(low: float, high: float, clear: bool) -> None:
    assert is_clear(effect((low + high) / 2, low, high)) is clear
