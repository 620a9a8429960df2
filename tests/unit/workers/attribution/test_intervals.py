"""Calibration of intervals: what share of new errors lies within them."""

import numpy as np
import pytest

from vocabulary.intervals import COVERAGE, Calibration, bounds
from workers.attribution.intervals import ENOUGH, Real, calibrate, conformal_quantiles, log_errors, offset, sum_errors


def test_a_right_estimate_has_no_error_and_a_doubled_one_the_logarithm_of_two() -> None:
    errors = log_errors(np.array([10.0, 100.0]), np.array([10.0, 200.0]), 0)
    assert errors == pytest.approx([0.0, -np.log(2)])


def test_the_offset_is_a_tenth_of_the_mean_and_never_nothing() -> None:
    assert offset(10_000, 10) == 100
    assert offset(0, 0) == 1


def test_quantiles_leave_a_tenth_of_the_errors_on_either_side_one_rank_further_out() -> None:
    assert conformal_quantiles(np.arange(1.0, 100.0), 1) == (1, 10.0, 90.0)
    assert conformal_quantiles(np.array([3.0]), 1) == (1, 3.0, 3.0)


def test_the_order_of_the_errors_does_not_matter() -> None:
    errors = np.random.default_rng(1).normal(size=200)
    assert conformal_quantiles(errors, 1) == conformal_quantiles(errors[::-1], 1)


def test_sums_run_over_neighbours_and_overlap_by_half() -> None:
    true, estimate = np.array([1.0, 2.0, 4.0, 8.0]), np.array([1.0, 1.0, 1.0, 1.0])
    assert sum_errors(true, estimate, 0, 2) == pytest.approx(np.log([3 / 2, 6 / 2, 12 / 2]))
    assert len(sum_errors(true, estimate, 0, 5)) == 0


def test_too_few_sums_are_not_calibrated() -> None:
    true = np.ones(ENOUGH * 6)
    assert [each.pull_requests for each in calibrate(true, true, 1)] == [1, 5, 10]


def test_intervals_cover_the_promised_share_of_pull_requests_that_were_not_looked_at() -> None:
    numbers = np.random.default_rng(7)
    true = numbers.lognormal(10, 1.5, size=4000)
    estimate = true * numbers.lognormal(0, 0.8, size=4000)
    known, new = slice(0, 2000), slice(2000, 4000)
    c = offset(int(estimate[known].sum()), 2000)
    for size in (1, 10):
        calibration = Calibration(c, calibrate(true[known], estimate[known], c))
        pairs = zip(_sums(true[new], size), _sums(estimate[new], size), strict=True)
        within = [
            low <= total <= high for total, low, high in ((t, *bounds(0, int(e), size, calibration)) for t, e in pairs)
        ]
        assert np.mean(within) == pytest.approx(COVERAGE, abs=0.06)


def _sums(values: Real, size: int) -> Real:
    sums: Real = values.reshape(-1, size).sum(axis=1)
    return sums
