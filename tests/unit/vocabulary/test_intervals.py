"""Intervals from calibrated errors."""

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.intervals import Calibration, Quantiles, bounds, quantiles_for

KNOWN = (Quantiles(1, -2.0, 1.0), Quantiles(25, -1.0, 0.5))
CALIBRATION = Calibration(offset=100, quantiles=KNOWN)


def test_linked_tokens_are_certain_and_only_pooled_tokens_are_uncertain() -> None:
    low, high = bounds(5000, 900, 1, CALIBRATION)
    assert (low, high) == (5000 + int(1000 * exp(-2) - 100), 5000 + int(1000 * exp(1) - 100))


def test_a_pull_request_that_got_nothing_may_still_have_earned_a_little() -> None:
    assert bounds(0, 0, 1, CALIBRATION) == (0, int(100 * exp(1) - 100))


def test_no_interval_reaches_below_the_tokens_that_are_linked() -> None:
    assert bounds(700, 10, 1, CALIBRATION).low == 700


def test_a_sum_takes_the_errors_of_sums_of_its_size() -> None:
    assert quantiles_for(25, KNOWN) == KNOWN[1]
    assert quantiles_for(1, KNOWN) == KNOWN[0]
    between = quantiles_for(5, KNOWN)
    assert [between.low, between.high] == pytest.approx([-1.5, 0.75])


def test_beyond_the_largest_calibrated_sum_its_errors_stand() -> None:
    assert quantiles_for(1000, KNOWN) == KNOWN[1]


def test_without_any_calibration_there_is_no_interval() -> None:
    with pytest.raises(ValueError, match="calibrated"):
        quantiles_for(1, ())


@given(
    direct=st.integers(0, 10**15),
    pooled=st.integers(0, 10**15),
    pull_requests=st.integers(1, 10_000),
    offset=st.integers(1, 10**9),
)
def test_the_estimate_lies_in_its_interval(direct: int, pooled: int, pull_requests: int, offset: int) -> None:
    low, high = bounds(direct, pooled, pull_requests, Calibration(offset, KNOWN))
    assert direct <= low <= direct + pooled <= high
