import pytest

from service.cli.short_numbers import exact_count, short_count, short_usd
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
