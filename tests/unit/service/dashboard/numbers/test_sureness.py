"""A figure looks as sure as it is."""

import pytest

from service.dashboard.numbers.sureness import Sureness, figure, nothing, rough_range, sureness_of, withheld
from service.dashboard.numbers.units import count_text
from vocabulary.tokens import NANO_USD


@pytest.mark.parametrize(
    ("share", "state"),
    [(1, "sure"), (0.9, "sure"), (0.899, "good"), (0.6, "good"), (0.599, "unsure"), (0, "unsure")],
)
def test_the_linked_share_decides(share: float, state: str) -> None:
    assert sureness_of(share) == state


def test_an_estimate_is_a_range_of_one_digit_and_never_a_point() -> None:
    shown = figure(16.85 * NANO_USD, 11.2 * NANO_USD, 26 * NANO_USD, 0.42)
    assert shown.text == "$10–30"
    assert shown.sureness is Sureness.UNSURE
    assert "42" in shown.note


def test_a_sure_figure_has_its_interval_beneath() -> None:
    shown = figure(28.18 * NANO_USD, 27.1 * NANO_USD, 29.4 * NANO_USD, 0.95)
    assert shown.text == "$28.18"
    assert shown.note.replace("\u202f", " ") == "$27.10 – $29.40, 80 % interval"


def test_without_an_interval_the_linked_share_is_said() -> None:
    assert figure(5 * NANO_USD, None, None, 0.5).note.replace("\u202f", " ") == "50 % linked directly"
    assert figure(5 * NANO_USD, None, None, 1).note == ""


def test_ranges_round_outwards() -> None:
    assert rough_range(1_100_000, 2_900_000, count_text).replace("\u202f", " ") == "1–3 M"
    assert rough_range(900_000, 2_900_000, count_text).replace("\u202f", " ") == "900 k–3 M"
    assert rough_range(0, 0.26 * NANO_USD) == "$0–0.30"


def test_what_is_missing_is_said_and_never_zero() -> None:
    assert nothing("no pull request was merged").text == "–"
    assert withheld("4 people; shown from 5").note == "Withheld: 4 people; shown from 5"
    assert not withheld("4 people").is_known
