"""Poisson regression with fixed effects, and errors clustered by team.

The estimates equal those of `pyfixest.fepois`, which a test compares. pyfixest itself brings 40 packages and 560 MB
(pandas, SciPy, Matplotlib, IPython), and has no event study with a Poisson mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workers.statistics.arrays import Mask, Real, Whole
from workers.statistics.estimates import Estimate

# With fewer clusters, an interval would say little.
LEAST_CLUSTERS = 5
PRECISE = 1e-7
MOST_STEPS = 50
# Less of a regressor beside the fixed effects is only rounding.
LEAST_LEFT = 1e-6
LEAST = 1e-300
RIDGE = 1e-11


@dataclass(frozen=True, slots=True)
class Rows:
    """Observations: the outcome (n,), regressors (n, k), and the codes of clusters (n,).

    `effects` are the codes of one or two fixed effects, each (n,). `exposure` (n,) multiplies the expected outcome.
    """

    outcome: Real
    regressors: Real
    effects: tuple[Whole, ...]
    cluster: Whole
    exposure: Real

    def at(self, kept: Mask) -> "Rows":
        """Return some of the rows."""
        effects = tuple(each[kept] for each in self.effects)
        return Rows(self.outcome[kept], self.regressors[kept], effects, self.cluster[kept], self.exposure[kept])


@dataclass(frozen=True, slots=True)
class Regression:
    """Coefficients (k,) and their covariance (k, k)."""

    coefficients: Real
    covariance: Real
    clusters: int
    rows: int

    def effect(self, contrast: Sequence[float] | Real) -> Estimate:
        """Return the effect of a change of the regressors by `contrast` (k,)."""
        change = np.asarray(contrast, dtype=np.float64)
        error = float(np.sqrt(change @ self.covariance @ change))
        return Estimate(float(change @ self.coefficients), error, self.clusters - 1)


def regress(rows: Rows, *, corrected: bool = True) -> Regression:
    """Fit the rows; groups without any outcome say nothing and are left out.

    `corrected` errors are those of leaving out each cluster (CR3, one step), which are wide enough for few clusters;
    otherwise those of Liang and Zeger (CR1).

    Raises:
        numpy.linalg.LinAlgError: the regressors say nothing beside the fixed effects, or nothing was shipped.
    """
    rows = _informative(rows)
    if not len(rows.outcome):
        raise np.linalg.LinAlgError("every outcome is 0")
    coefficients, mean, regressors = _iterate(rows)
    if not np.all(np.abs(regressors).max(axis=0) > LEAST_LEFT * np.ptp(rows.regressors, axis=0)):
        raise np.linalg.LinAlgError("the fixed effects explain a regressor")
    clusters, places = np.unique(rows.cluster, return_inverse=True)
    bread = regressors.T @ (mean[:, None] * regressors)
    scores = _sums(places, len(clusters), regressors * (rows.outcome - mean)[:, None])
    if corrected:
        parts = _sums(places, len(clusters), mean[:, None, None] * regressors[:, :, None] * regressors[:, None, :])
        steps = np.linalg.solve(bread - parts, scores[:, :, None])[:, :, 0]
        covariance = (len(clusters) - 1) / len(clusters) * steps.T @ steps
    else:
        steps = np.linalg.solve(bread, scores.T).T
        covariance = len(clusters) / (len(clusters) - 1) * steps.T @ steps
    return Regression(coefficients, covariance, len(clusters), len(rows.outcome))


def _iterate(rows: Rows) -> tuple[Real, Real, Real]:
    """Return coefficients (k,), expected outcomes (n,) and regressors beside the fixed effects (n, k)."""
    mean = (rows.outcome + rows.outcome.mean()) / 2
    coefficients = np.full(rows.regressors.shape[1], np.inf)
    for _ in range(MOST_STEPS):
        before = coefficients
        working = np.log(mean / rows.exposure) + rows.outcome / mean - 1
        within = demean(np.column_stack([working, rows.regressors]), mean, rows.effects)
        regressors = within[:, 1:]
        weighed = regressors.T * mean
        coefficients = np.linalg.solve(weighed @ regressors, weighed @ within[:, 0])
        mean = rows.exposure * np.exp(np.clip(working - within[:, 0] + regressors @ coefficients, -30, 30))
        if np.all(np.abs(coefficients - before) <= PRECISE * (1 + np.abs(coefficients))):
            break
    return coefficients, mean, regressors


def demean(columns: Real, weights: Real, effects: Sequence[Whole]) -> Real:
    """Return columns (n, k) less what one or two fixed effects explain, by weighted least squares."""
    first, *others = effects
    left = columns - _means(first, columns, weights)[first]
    for second in others:
        left -= _second_effect(first, second, left, weights)[second]
        left -= _means(first, left, weights)[first]
    return left


def _means(codes: Whole, columns: Real, weights: Real) -> Real:
    size = int(codes.max()) + 1
    totals = np.maximum(np.bincount(codes, weights, size), LEAST)
    means: Real = _sums(codes, size, columns * weights[:, None]) / totals[:, None]
    return means


def _second_effect(first: Whole, second: Whole, left: Real, weights: Real) -> Real:
    """Solve the normal equations of the second effect, from which the first is eliminated."""
    sizes = int(first.max()) + 1, int(second.max()) + 1
    shared = np.bincount(first * sizes[1] + second, weights, sizes[0] * sizes[1]).reshape(sizes)
    equations = np.diag(shared.sum(axis=0)) - shared.T @ (shared / np.maximum(shared.sum(axis=1), LEAST)[:, None])
    # The equations leave a constant open; it does not matter which, because the first effect takes it up.
    equations += np.eye(sizes[1]) * (RIDGE * np.diag(equations).max() + LEAST)
    return np.linalg.solve(equations, _sums(second, sizes[1], left * weights[:, None]))


def _sums(codes: Whole, size: int, values: Real) -> Real:
    flat = values.reshape(len(values), -1)
    summed = np.column_stack([np.bincount(codes, column, size) for column in flat.T])
    return summed.reshape((size, *values.shape[1:]))


def _informative(rows: Rows) -> Rows:
    """Return the rows whose groups have any outcome."""
    while True:
        kept = np.ones(len(rows.outcome), dtype=bool)
        for codes in rows.effects:
            kept &= np.bincount(codes, rows.outcome)[codes] > 0
        if kept.all():
            return rows
        rows = rows.at(kept)
