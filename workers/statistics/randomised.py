"""Rollouts that were given to teams by chance: the difference between them, made sharper by what they shipped before.

CUPED, Deng, Xu, Kohavi and Walker 2013: the outcome less the part that the outcome before the rollout foretells.
"""

from dataclasses import dataclass

import numpy as np

from workers.statistics.arrays import Mask, Real
from workers.statistics.estimates import Estimate

LEAST_TEAMS = 5


@dataclass(frozen=True, slots=True)
class Randomised:
    """The effect, and the share of the variance that the time before the rollout explained."""

    effect: Estimate
    explained: float


def compare_randomised(before: Real, after: Real, given: Mask) -> Randomised | None:
    """Compare outcomes after the rollout between teams that were given it by chance and others; all (teams,).

    Outcomes are for each person and week. None with fewer than LEAST_TEAMS on a side, or if nothing was shipped.
    """
    if min(given.sum(), (~given).sum()) < LEAST_TEAMS:
        return None
    share = _slope(before, after, given)
    adjusted = after - share * (before - before.mean())
    sides = adjusted[~given], adjusted[given]
    means = [float(side.mean()) for side in sides]
    if min(means) <= 0:
        return None
    # Variances of the logarithms of both means, by the delta method.
    parts = [
        (float(side.var(ddof=1)) / len(side) / mean**2, len(side)) for side, mean in zip(sides, means, strict=True)
    ]
    return Randomised(_estimate(float(np.log(means[1] / means[0])), parts), _explained(after, adjusted, given))


def _slope(before: Real, after: Real, given: Mask) -> float:
    """Return how much of `before` to subtract, pooled within both sides so that the effect does not enter."""
    earlier, later = _within(before, given), _within(after, given)
    return float(earlier @ later / (earlier @ earlier)) if earlier @ earlier else 0.0


def _within(values: Real, given: Mask) -> Real:
    within: Real = values - np.where(given, values[given].mean(), values[~given].mean())
    return within


def _estimate(log_ratio: float, parts: list[tuple[float, int]]) -> Estimate:
    variance = sum(part for part, _ in parts)
    spread = sum(part**2 / (teams - 1) for part, teams in parts)
    return Estimate(log_ratio, variance**0.5, variance**2 / spread if spread else float("inf"))


def _explained(after: Real, adjusted: Real, given: Mask) -> float:
    total, left = _within(after, given), _within(adjusted, given)
    return 1 - float(left @ left / (total @ total)) if total @ total else 0.0
