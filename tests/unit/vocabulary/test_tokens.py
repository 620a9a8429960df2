from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.tokens import TokenCounts, nano_usd, sum_tokens, usd_text

COUNTS = st.builds(TokenCounts, *[st.integers(0, 10**12)] * 5)


@given(st.lists(COUNTS))
def test_the_total_of_a_sum_is_the_sum_of_the_totals(counts: list[TokenCounts]) -> None:
    assert sum_tokens(counts).total == sum(count.total for count in counts)


@given(COUNTS, COUNTS)
def test_subtracting_what_was_added_changes_nothing(one: TokenCounts, other: TokenCounts) -> None:
    assert one.plus(other).minus(other) == one


@given(st.integers(-(10**18), 10**18))
def test_money_as_text_is_exact(nano: int) -> None:
    assert nano_usd(Decimal(usd_text(nano))) == nano


@pytest.mark.parametrize(
    ("nano", "text"), [(0, "0.00"), (1, "0.000000001"), (1_500_000_000, "1.50"), (-2_000_000_000, "-2.00")]
)
def test_money_is_plain_decimal_text_with_at_least_two_decimals(nano: int, text: str) -> None:
    assert usd_text(nano) == text
