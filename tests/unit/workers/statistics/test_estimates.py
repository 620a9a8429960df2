from math import exp, log

import pytest

from workers.statistics.estimates import Estimate


def test_the_interval_is_that_of_student_on_the_logarithm() -> None:
    found = Estimate(log(1.1), 0.05, 10)

    assert found.change == pytest.approx(0.1)
    assert found.low == pytest.approx(1.1 * exp(-2.228 * 0.05) - 1, abs=1e-4)
    assert found.high == pytest.approx(1.1 * exp(2.228 * 0.05) - 1, abs=1e-4)


def test_only_an_interval_on_one_side_of_0_is_a_change() -> None:
    assert Estimate(0.2, 0.05, 20).is_rise
    assert Estimate(-0.2, 0.05, 20).is_fall
    assert not Estimate(0.05, 0.05, 20).is_rise
    assert not Estimate(-0.05, 0.05, 20).is_fall


def test_a_change_of_the_smallest_visible_size_is_seen_in_four_studies_of_five() -> None:
    error = 0.05
    smallest = log(1 + Estimate(0, error, 1e9).smallest_visible)

    assert smallest == pytest.approx((1.960 + 0.8416) * error, rel=1e-3)


def test_a_hopeless_study_stays_a_finite_number_below_infinity_only_where_it_fits() -> None:
    assert Estimate(0, 1e6, 10).smallest_visible == float("inf")
    assert Estimate(0, 1e6, 10).high > 1e100
