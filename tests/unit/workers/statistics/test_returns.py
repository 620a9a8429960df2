import numpy as np
import pytest

from tests.unit.workers.statistics.panels import panel
from workers.statistics.arrays import Real
from workers.statistics.returns import diminishing_returns, monotone_basis, rising


def saturating(use: Real) -> Real:
    return 0.5 * np.minimum(np.log(use), 0.0)


def test_the_use_from_which_returns_have_diminished_is_found() -> None:
    found = diminishing_returns(*panel(saturating, teams=20, weeks=40))

    assert found is not None
    assert found.flat_from == pytest.approx(1e6, rel=0.4)


def test_the_curve_never_falls_and_lies_within_its_interval() -> None:
    found = diminishing_returns(*panel(lambda use: -0.3 * np.log(use)))

    assert found is not None
    assert np.all(np.diff(found.relative) >= 0)
    assert np.all(np.diff(found.low) >= -1e-9)
    assert np.all((found.low <= found.relative) & (found.relative <= found.high))


def test_steady_gains_have_not_diminished() -> None:
    found = diminishing_returns(*panel(lambda use: 0.4 * np.log(use)))

    assert found is not None
    assert found.flat_from is None
    assert found.relative[-1] == pytest.approx((found.use[-1] / found.use[0]) ** 0.4, rel=0.02)


def test_few_teams_or_constant_use_have_no_curve() -> None:
    few = panel(saturating, teams=4)
    constant = panel(saturating)

    assert diminishing_returns(*few) is None
    assert diminishing_returns(*constant._replace(tokens=constant.people * 1e6)) is None


def test_the_basis_sums_to_a_straight_line_with_equal_weights() -> None:
    knots = np.array([0.0, 1.0, 3.0, 4.0])
    amounts = np.linspace(0, 4, 9)

    assert monotone_basis(amounts, knots).sum(axis=1) == pytest.approx(amounts)


def test_negative_coefficients_move_to_the_nearest_allowed_ones() -> None:
    covariance = np.array([[1.0, 0.8], [0.8, 1.0]])

    found = rising(np.array([[1.0, -1.0], [0.5, 0.7]]), covariance)

    # The first moves along with the second: by 0.8 of it, as the covariance says.
    assert found == pytest.approx(np.array([[1.8, 0.0], [0.5, 0.7]]), abs=1e-6)
