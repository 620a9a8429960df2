import numpy as np
import pytest

from tests.unit.workers.statistics.recorded import read_recorded
from workers.statistics.counterfactual import fit


def test_adopted_weeks_are_expected_as_a_saturated_regression_of_pyfixest_expects_them() -> None:
    recorded = read_recorded()
    since = recorded.rollout.since

    factors = fit(recorded.merged, since < 0, np.ones((1, 12)))

    expected = factors.team[0][:, None] * factors.week[0]
    counted = (since >= 0) & (recorded.merged > 0)
    assert np.log(recorded.merged[counted] / expected[counted]) == pytest.approx(recorded.adopted_logs, abs=1e-5)


def test_a_product_of_team_and_week_is_found_exactly() -> None:
    outcome = np.outer([1.0, 2.0, 5.0], [3.0, 1.0, 4.0, 2.0])
    known = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]], dtype=bool)

    factors = fit(outcome, known, np.ones((1, 3)))

    assert factors.team[0][:, None] * factors.week[0] == pytest.approx(outcome, rel=1e-6)


def test_a_team_of_weight_0_is_not_fitted() -> None:
    outcome = np.outer([1.0, 2.0, 5.0], [3.0, 1.0, 4.0])
    broken = outcome.copy()
    broken[0] = [90.0, 7.0, 0.0]

    factors = fit(broken, np.ones(outcome.shape, bool), np.array([[0.0, 1.0, 1.0]]))

    assert (factors.team[0][:, None] * factors.week[0])[1:] == pytest.approx(outcome[1:], rel=1e-6)


def test_a_week_in_which_every_team_adopted_is_unknown() -> None:
    known = np.array([[1, 1, 0], [1, 1, 0]], dtype=bool)

    factors = fit(np.ones((2, 3)), known, np.ones((1, 2)))

    assert np.isnan(factors.week[0]).tolist() == [False, False, True]
