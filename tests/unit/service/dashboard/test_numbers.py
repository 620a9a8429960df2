import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.dashboard.numbers import exact_count, percent, shares, short_count, short_usd
from vocabulary.tokens import NANO_USD


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1.00 k"),
        (9_999, "10.0 k"),
        (999_499, "999 k"),
        (999_999, "1.00 M"),
        (1_241_310, "1.24 M"),
        (124_131_000, "124 M"),
        (3_100_000_000, "3.10 B"),
        (5 * 10**15, "5,000 T"),
    ],
)
def test_counts_are_short_with_three_digits_and_a_unit(count: int, text: str) -> None:
    assert short_count(count) == text


def test_exact_counts_show_every_digit() -> None:
    assert exact_count(1_241_310) == "1,241,310"


@pytest.mark.parametrize(
    ("nano", "text"),
    [
        (0, "$0.00"),
        (1, "<$0.01"),
        (NANO_USD // 100, "$0.01"),
        (3_100_000_000, "$3.10"),
        (999_994_999_999, "$999.99"),
        (999_999_999_999, "$1,000"),
        (1_240_400_000_000, "$1,240"),
    ],
)
def test_dollars_are_short(nano: int, text: str) -> None:
    assert short_usd(nano) == text


@given(st.lists(st.integers(min_value=0, max_value=10**15), min_size=1, max_size=8))
def test_shares_sum_to_exactly_one_hundred_and_are_within_a_tenth_of_the_truth(parts: list[int]) -> None:
    found = shares(parts)
    whole = sum(parts)
    if whole == 0:
        assert found == [0.0] * len(parts)
        return
    assert sum(round(share * 10) for share in found) == 1000
    for part, share in zip(parts, found, strict=True):
        assert abs(share - 100 * part / whole) <= 0.1 + 1e-9


def test_shares_are_shown_in_tenths() -> None:
    assert [percent(share) for share in shares([1, 1, 1])] == ["33.4 %", "33.3 %", "33.3 %"]
