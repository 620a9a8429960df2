"""What a version of a prompt, or a model, changes for each request: side by side, or before and after.

Side by side compares requests of both versions within the same team and period, before and after within the same team.
Means of two versions are never compared: teams and periods that use one more than the other would decide.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from workers.statistics.arrays import Mask, Real, Whole
from workers.statistics.association import varies_within
from workers.statistics.estimates import Estimate
from workers.statistics.poisson import LEAST_CLUSTERS, Rows, regress

# An outcome is equal if its whole interval is within this share.
EQUAL = 0.1


class Design(StrEnum):
    """What is held fixed when two versions are compared."""

    SIDE_BY_SIDE = "side_by_side"
    BEFORE_AFTER = "before_after"


@dataclass(frozen=True, slots=True)
class VersionRows:
    """Requests of one team, period, kind of work and version in each row; all (n,). `is_new` tells the versions apart.

    Only work of the same kind, such as a context tier, is compared.
    """

    team: Whole
    period: Whole
    kind: Whole
    is_new: Mask
    requests: Real


@dataclass(frozen=True, slots=True)
class Change:
    """How much more of something the new version used for each request, and how many teams tell it."""

    effect: Estimate
    teams: int


def compare(rows: VersionRows, amounts: Real, design: Design, controls: Real | None = None) -> Change | None:
    """Compare `amounts` (n,), such as input tokens, for each request; None if too few teams or periods have both.

    `controls` (n, k), such as sizes, are held fixed too.
    """
    kept = has_both(rows, design) & (rows.requests > 0)
    team = rows.team[kept]
    # With few teams, errors are clustered by team and period instead.
    cluster = team if len(np.unique(team)) >= LEAST_CLUSTERS else _join(rows.team, rows.period)[kept]
    if len(np.unique(cluster)) < LEAST_CLUSTERS or not amounts[kept].any():
        return None
    codes = np.unique(_compared(rows, design)[kept], return_inverse=True)[1]
    new = rows.is_new[kept].astype(np.float64)[:, None]
    regressors = new if controls is None else np.column_stack([new, controls[kept]])
    fitted = Rows(amounts[kept], regressors, (codes,), cluster, rows.requests[kept])
    varying = varies_within(fitted)
    varying[0] = True
    try:
        found = regress(replace(fitted, regressors=regressors[:, varying]))
    except np.linalg.LinAlgError:
        return None
    return Change(found.effect(np.eye(1, int(varying.sum()))[0]), len(np.unique(team)))


def has_both(rows: VersionRows, design: Design) -> Mask:
    """Return which rows (n,) have the other version beside them: in the same kind of work of the team, and period."""
    places = np.unique(_compared(rows, design), return_inverse=True)[1]
    used = rows.requests > 0
    new = np.bincount(places, rows.is_new & used) > 0
    old = np.bincount(places, ~rows.is_new & used) > 0
    both: Mask = (new & old)[places]
    return both


def is_equal(change: Change | None) -> bool:
    """Tell whether an outcome is known to be equal: its whole interval is within EQUAL."""
    return change is not None and change.effect.low >= -EQUAL and change.effect.high <= EQUAL


def _compared(rows: VersionRows, design: Design) -> Whole:
    """Return the group (n,) within which each row is compared."""
    work = _join(rows.team, rows.kind)
    return _join(work, rows.period) if design is Design.SIDE_BY_SIDE else work


def _join(first: Whole, second: Whole) -> Whole:
    joined: Whole = first * (int(second.max(initial=0)) + 1) + second
    return joined
