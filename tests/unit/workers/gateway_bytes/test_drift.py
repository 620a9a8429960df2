from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.gateway_bytes.drift import BATCH, NewError, Watch, watched

START = datetime(2026, 11, 16, tzinfo=UTC)
SPREAD = 0.1


def errors(count: int, middle: float = 0.0, seed: int = 1, first: int = 0) -> list[NewError]:
    """Normal errors, a minute apart."""
    drawn = np.random.default_rng(seed).normal(middle, SPREAD, count)
    return [NewError(START + timedelta(minutes=first + place), float(each)) for place, each in enumerate(drawn)]


def test_errors_as_measured_are_no_drift_in_a_hundred_thousand_requests() -> None:
    assert watched(Watch(), errors(100_000), 0.0, SPREAD).drifted_since is None


@pytest.mark.parametrize("shift", [-0.25, 0.25])
def test_a_shift_of_a_quarter_is_seen_within_a_hundred_requests(shift: float) -> None:
    steady, shifted = errors(1000), errors(100, shift, seed=2, first=1000)
    watch = watched(Watch(), [*steady, *shifted], 0.0, SPREAD)
    assert watch.drifted_since is not None
    begins = START + timedelta(minutes=1000)
    assert begins - timedelta(minutes=BATCH) <= watch.drifted_since <= begins + timedelta(minutes=BATCH)


def test_a_shift_too_small_to_matter_never_adds_up() -> None:
    assert watched(Watch(), errors(20_000, 0.03), 0.0, SPREAD).drifted_since is None


def test_one_odd_request_in_ten_is_no_drift() -> None:
    reported = [NewError(each.at, 3.0) if place % 10 == 0 else each for place, each in enumerate(errors(2000))]
    assert watched(Watch(), reported, 0.0, SPREAD).drifted_since is None


def test_errors_around_the_measured_median_are_no_drift() -> None:
    assert watched(Watch(), errors(2000, 0.4), 0.4, SPREAD).drifted_since is None


def test_a_drifted_calibration_is_not_watched() -> None:
    watch = watched(Watch(), errors(200, 1.0), 0.0, SPREAD)
    assert watch.drifted_since == START
    assert watched(watch, errors(200, -1.0, first=200), 0.0, SPREAD) == watch


@given(st.lists(st.integers(1, 60), min_size=1, max_size=20))
def test_it_does_not_matter_in_which_bulks_requests_come(cuts: list[int]) -> None:
    reported = errors(300, 0.08)
    watch = Watch()
    for bulk in _cut(reported, cuts):
        watch = watched(watch, bulk, 0.0, SPREAD)
    assert watch == watched(Watch(), reported, 0.0, SPREAD)


def _cut(reported: list[NewError], cuts: list[int]) -> Iterator[list[NewError]]:
    start = 0
    for size in cuts:
        yield reported[start : start + size]
        start += size
    yield reported[start:]
