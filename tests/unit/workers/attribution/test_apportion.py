import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.attribution.apportion import Share, apportion


def test_parts_follow_the_weights() -> None:
    assert apportion(100, [Share(b"a", 1), Share(b"b", 3)]) == [25, 75]


def test_what_division_leaves_goes_to_the_largest_remainder() -> None:
    # 10 · 2/7 = 2.86, 10 · 2/7 = 2.86, 10 · 3/7 = 4.29
    assert apportion(10, [Share(b"c", 3), Share(b"a", 2), Share(b"b", 2)]) == [4, 3, 3]


def test_equal_remainders_go_to_the_smallest_artifact_id_in_whatever_order_they_come() -> None:
    assert apportion(1, [Share(b"b", 5), Share(b"a", 5)]) == [0, 1]
    assert apportion(1, [Share(b"a", 5), Share(b"b", 5)]) == [1, 0]


def test_nothing_splits_into_nothing() -> None:
    assert apportion(0, [Share(b"a", 0)]) == [0]


def test_something_cannot_be_split_by_nothing() -> None:
    with pytest.raises(ValueError, match="nothing to apportion by"):
        apportion(1, [Share(b"a", 0)])


@given(
    amount=st.integers(0, 2**62),
    weights=st.lists(st.integers(0, 2**50), min_size=1, max_size=20).filter(any),
)
def test_the_sum_is_exact_and_no_part_is_more_than_one_off(amount: int, weights: list[int]) -> None:
    parts = apportion(amount, [Share(index.to_bytes(2, "big"), weight) for index, weight in enumerate(weights)])
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert amount * weight // sum(weights) <= part <= amount * weight // sum(weights) + 1
