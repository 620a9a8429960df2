import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workers.attribution.apportion import LARGEST_TOTAL, Share, apportion, apportion_groups


def test_parts_follow_the_weights() -> None:
    assert apportion(100, [Share(b"a", 1), Share(b"b", 3)]) == [25, 75]


def test_the_rest_of_a_division_goes_to_the_largest_remainder() -> None:
    # 10 · 2/7 = 2.86, 10 · 2/7 = 2.86, 10 · 3/7 = 4.29
    assert apportion(10, [Share(b"c", 3), Share(b"a", 2), Share(b"b", 2)]) == [4, 3, 3]


def test_equal_remainders_go_to_the_smallest_artifact_id_in_any_order() -> None:
    assert apportion(1, [Share(b"b", 5), Share(b"a", 5)]) == [0, 1]
    assert apportion(1, [Share(b"a", 5), Share(b"b", 5)]) == [1, 0]


def test_nothing_splits_into_nothing() -> None:
    assert apportion(0, [Share(b"a", 0)]) == [0]


def test_something_cannot_be_split_by_nothing() -> None:
    with pytest.raises(ValueError, match="without weights"):
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


def apportion_at_once(groups: list[tuple[int, list[int]]]) -> list[list[int]]:
    sizes = [len(weights) for _, weights in groups]
    parts = apportion_groups(
        np.array([amount for amount, _ in groups], dtype=np.int64),
        np.array([weight for _, weights in groups for weight in weights], dtype=np.int64),
        np.array(sizes, dtype=np.int64),
    )
    return [part.tolist() for part in np.split(parts, np.cumsum(sizes)[:-1])] if groups else []


def apportion_one_by_one(groups: list[tuple[int, list[int]]]) -> list[list[int]]:
    return [
        apportion(amount, [Share(index.to_bytes(2, "big"), weight) for index, weight in enumerate(weights)])
        for amount, weights in groups
    ]


AMOUNTS = st.integers(0, 30) | st.integers(0, 2**62) | st.integers(2**63 - 30, 2**63 - 1)
SMALL_WEIGHTS = st.integers(0, 5) | st.integers(0, LARGEST_TOTAL // 8)


def groups_of(weights: st.SearchStrategy[int]) -> st.SearchStrategy[list[tuple[int, list[int]]]]:
    shares = st.lists(weights, min_size=1, max_size=8).filter(any)
    return st.lists(st.tuples(AMOUNTS, shares) | st.tuples(st.just(0), st.just([])), max_size=6)


@given(groups_of(SMALL_WEIGHTS))
@example([(2**63 - 1, [LARGEST_TOTAL - 1, 1])])
@example([(2**63 - 1, [LARGEST_TOTAL // 2, LARGEST_TOTAL // 2 + 1])])
def test_many_amounts_are_split_at_once_as_each_is_alone(groups: list[tuple[int, list[int]]]) -> None:
    assert apportion_at_once(groups) == apportion_one_by_one(groups)


@given(groups_of(SMALL_WEIGHTS | st.integers(2**31, 2**58)))
@example([(2**63 - 1, [LARGEST_TOTAL, 1])])
def test_weights_too_large_to_be_multiplied_split_as_exactly(groups: list[tuple[int, list[int]]]) -> None:
    assert apportion_at_once(groups) == apportion_one_by_one(groups)


def test_among_many_something_cannot_be_split_by_nothing() -> None:
    with pytest.raises(ValueError, match="without weights"):
        apportion_at_once([(1, [1]), (1, [0, 0])])
    with pytest.raises(ValueError, match="without weights"):
        apportion_at_once([(1, [])])
