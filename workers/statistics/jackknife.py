"""Standard errors from leaving out teams, adopters and comparison teams apart."""

import numpy as np

from workers.statistics.arrays import Mask, Real, Whole
from workers.statistics.estimates import Estimate

# With more teams of a kind than this, several are left out at once: the error hardly changes, the time does.
MOST_GROUPS = 100


def leave_out(adopters: Mask) -> tuple[Real, Whole]:
    """Return weights (groups, teams) that leave out one group of teams each, and the kind (groups,) of each group.

    A group holds only adopters (kind 1) or only comparison teams (kind 0); `adopters` has shape (teams,).
    """
    left_out = [np.arange(teams.sum()) % MOST_GROUPS for teams in (~adopters, adopters)]
    sizes = [int(groups.max()) + 1 if len(groups) else 0 for groups in left_out]
    group = np.zeros(len(adopters), dtype=np.int64)
    group[~adopters], group[adopters] = left_out[0], left_out[1] + sizes[0]
    weights = (group != np.arange(sum(sizes))[:, None]).astype(np.float64)
    return weights, np.repeat([0, 1], sizes)


def estimate(log_ratio: float, left_out: Real, kinds: Whole) -> Estimate:
    """Return the estimate with its error from the log ratios (groups,) without each group.

    The degrees of freedom are those of Welch and Satterthwaite, because adopters and comparison teams may differ in
    number and in variance.
    """
    parts = [(_variance(left_out[kinds == kind]), int(np.sum(kinds == kind))) for kind in np.unique(kinds)]
    variance = sum(part for part, _ in parts)
    spread = sum(part**2 / (groups - 1) for part, groups in parts)
    return Estimate(log_ratio, float(np.sqrt(variance)), variance**2 / spread if spread else float("inf"))


def _variance(left_out: Real) -> float:
    groups = len(left_out)
    return float((groups - 1) / groups * np.sum((left_out - left_out.mean()) ** 2))
