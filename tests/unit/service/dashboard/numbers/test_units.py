"""Numbers in human units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.dashboard.numbers.units import (
    change_text,
    count_text,
    exact_usd_text,
    percent_text,
    points_text,
    shares,
    signed,
    usd_text,
    usd_texts,
)
from vocabulary.tokens import NANO_USD


def plain(text: str) -> str:
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"),
        (842, "842"),
        (999.6, "1.0 k"),
        (1_240, "1.2 k"),
        (842_000, "842 k"),
        (99_960, "100 k"),
        (999_700, "1.0 M"),
        (1_200_000, "1.2 M"),
        (12_400_000, "12.4 M"),
        (13_500_000_000, "13.5 B"),
        (-1_200, "-1.2 k"),
        (10**18, "1,000,000 T"),
    ],
)
def test_counts_have_one_decimal_below_a_hundred(number: float, shown: str) -> None:
    assert plain(count_text(number)) == shown


@pytest.mark.parametrize(
    ("dollars", "shown"),
    [
        (0, "$0.00"),
        (0.004, "<$0.01"),
        (3.26, "$3.26"),
        (99.99, "$99.99"),
        (346.4, "$346"),
        (999.7, "$1.0 k"),
        (6_700, "$6.7 k"),
        (-90.2, "-$90.20"),
    ],
)
def test_dollars_have_cents_below_a_hundred_and_thousands_from_a_thousand(dollars: float, shown: str) -> None:
    assert plain(usd_text(dollars * NANO_USD)) == shown


def test_amounts_of_a_list_have_the_precision_of_the_largest() -> None:
    assert [plain(each) for each in usd_texts([346 * NANO_USD, -90_200_000_000, 0])] == ["$346", "-$90", "$0"]
    assert usd_texts([]) == []


def test_changes_and_shares_are_read_as_words() -> None:
    assert plain(change_text(145, 100)) == "+45 %"
    assert plain(change_text(90, 100)) == "-10 %"
    assert change_text(100, 100) == "unchanged"
    assert change_text(1_200, 100) == "12 times"
    assert change_text(5, 0) == ""
    assert plain(points_text(0.59, 0.66)) == "-7 points"
    assert points_text(0.51, 0.5) == "+1 point"
    assert plain(percent_text(0.994, 1)) == "99.4 %"
    assert signed(5, "5") == "+5"
    assert exact_usd_text(2_217_690_000_000) == "$2,217.69"


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=6))
def test_shares_add_up_to_one(parts: list[int]) -> None:
    found = shares(parts)
    assert round(sum(found), 9) == (1 if sum(parts) else 0)
