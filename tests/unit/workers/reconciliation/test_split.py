from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.reconciliation.split import part_of_day, split

FIRST = date(2026, 11, 1)


@given(amount=st.integers(-(10**18), 10**18), weights=st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_parts_sum_to_the_amount_with_rounding_errors_below_one(amount: int, weights: list[int]) -> None:
    weights[0] += 1
    parts = split(amount, weights)
    assert sum(parts) == amount
    total = sum(weights)
    assert all(abs(part * total - amount * weight) < total for part, weight in zip(parts, weights, strict=True))


def test_among_equal_remainders_the_first_has_the_rest() -> None:
    assert split(2, [1, 1, 1]) == [1, 1, 0]
    assert split(-2, [1, 1, 1]) == [-1, -1, 0]


def test_nothing_needs_no_weight_and_something_does() -> None:
    assert split(0, [0, 0]) == [0, 0]
    with pytest.raises(ValueError, match="without weights"):
        split(1, [0, 0])


@given(amount=st.integers(-(10**18), 10**18), days=st.integers(1, 366))
def test_an_amount_of_several_days_is_the_sum_of_its_days(amount: int, days: int) -> None:
    span = [FIRST + timedelta(days=day) for day in range(days)]
    parts = [part_of_day(amount, day, FIRST, span[-1]) for day in span]
    assert sum(parts) == amount
    assert max(parts) - min(parts) <= 1
