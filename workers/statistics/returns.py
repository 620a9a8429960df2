"""Diminishing returns: how the outcome goes with use, as a curve that never falls, with its interval.

The logarithm of the outcome is a monotone quadratic spline of the logarithm of use (I-splines of Ramsay 1988), with the
fixed effects of the panel. As there, it is an association.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import log

import numpy as np

from workers.statistics.arrays import Mask, Real, Whole
from workers.statistics.association import panel_rows, use_per_person
from workers.statistics.estimates import COVERAGE
from workers.statistics.poisson import LEAST_CLUSTERS, Rows, regress

# Quantiles of use between which the curve bends, and those between which it is shown.
KNOTS = (0, 0.25, 0.5, 0.75, 1)
SHOWN = (0.02, 0.98)
POINTS = 25
DRAWS = 500
ROUNDS = 200
# Returns have diminished where doubled use goes with less than this share more.
FLAT = 0.05


@dataclass(frozen=True, slots=True)
class Returns:
    """Use for each person and week, and the outcome relative to the least use, with its interval; all (points,).

    `flat_from` is the least use from which doubled use goes with less than FLAT more; None if that is not reached.
    """

    use: Real
    relative: Real
    low: Real
    high: Real
    flat_from: float | None


def diminishing_returns(
    outcome: Real, tokens: Real, people: Real, observed: Mask, organization: Whole
) -> Returns | None:
    """Return the curve; None if use hardly varies or few teams use tokens.

    Arrays have shape (teams, weeks), `organization` (teams,).
    """
    use = use_per_person(tokens, people)
    counted = observed & (use > 0)
    if counted.any(axis=1).sum() < LEAST_CLUSTERS:
        return None
    return returns_curve(use[counted], lambda regressors: panel_rows(outcome, regressors, counted, organization))


def returns_curve(use: Real, rows_of: Callable[[Real], Rows]) -> Returns | None:
    """Return the curve over use (n,), above 0; `rows_of` makes the observations of regressors (n, k).

    None if use hardly varies.
    """
    amounts = np.log(use)
    knots = np.quantile(amounts, KNOTS)
    if np.any(np.diff(knots) <= 0):
        return None
    rows = rows_of(monotone_basis(amounts, knots))
    points = np.linspace(np.quantile(amounts, SHOWN[0]), np.quantile(amounts, SHOWN[1]), POINTS)
    basis = monotone_basis(points, knots)
    return _curve(rows, points, basis - basis[0])


def _curve(rows: Rows, points: Real, basis: Real) -> Returns | None:
    try:
        found = regress(rows)
        scatter = np.random.default_rng(0).multivariate_normal(found.coefficients, found.covariance, DRAWS)
        draws = rising(np.vstack([found.coefficients, scatter]), found.covariance)
    except np.linalg.LinAlgError:
        return None
    curves = np.exp(draws @ basis.T)
    tail = (1 - COVERAGE) / 2
    low, high = np.quantile(curves[1:], [tail, 1 - tail], axis=0)
    return Returns(np.exp(points), curves[0], low, high, _flat_from(points, np.log(curves[0])))


def monotone_basis(amounts: Real, knots: Real) -> Real:
    """Return the integrals (n, knots) of hat functions at the knots: a sum with weights of 0 or more never falls."""
    return np.column_stack([_integral_of_hat(amounts, knots, place) for place in range(len(knots))])


def _integral_of_hat(amounts: Real, knots: Real, place: int) -> Real:
    peak = knots[place]
    total = np.zeros_like(amounts)
    if place:
        width = peak - knots[place - 1]
        total += np.clip(amounts - knots[place - 1], 0, width) ** 2 / (2 * width)
    if place + 1 < len(knots):
        width = knots[place + 1] - peak
        rest = np.clip(amounts - peak, 0, width)
        total += rest - rest**2 / (2 * width)
    return total


def rising(coefficients: Real, covariance: Real) -> Real:
    """Return the nearest coefficients (draws, k) of 0 or more, measured by the inverse of their covariance (k, k)."""
    metric = np.linalg.inv(covariance)
    found = np.maximum(coefficients, 0)
    for _ in range(ROUNDS):
        for place in range(len(metric)):
            gradient = (coefficients - found) @ metric[:, place]
            found[:, place] = np.maximum(0, found[:, place] + gradient / metric[place, place])
    return found


def _flat_from(points: Real, curve: Real) -> float | None:
    slopes = np.gradient(curve, points) * log(2)
    steep = np.flatnonzero(slopes >= log(1 + FLAT))
    first = 0 if not len(steep) else steep[-1] + 1
    return float(np.exp(points[first])) if first < len(points) else None
