"""Matches adopters with teams that are comparable with them: similar in people and in what they shipped before.

Teams are matched within a factor, not to their nearest neighbours: the nearest by past output are near by chance, and
return to their own mean afterwards, which would look like an effect.
"""

from dataclasses import dataclass

import numpy as np

from workers.statistics.arrays import Mask, Real
from workers.statistics.rollout import Rollout

# Comparable teams differ by at most this factor, in people and in weekly output.
FACTOR = 4.0
# A team counts from this number of weeks without adoption on.
LEAST_BEFORE = 8


@dataclass(frozen=True, slots=True)
class Matched:
    """Which teams (teams,) are studied, and how many adopters lack weeks before adoption or a comparable team."""

    teams: Mask
    too_early: int
    without_comparison: int


def match(rollout: Rollout, outcome: Real, people: Real) -> Matched:
    """Match teams by people (teams,), NaN where unknown, and by their mean outcome (teams, weeks) before adoption.

    A team that adopts later is a comparison for earlier ones, like a team that never adopts.
    """
    before = rollout.observed & (rollout.since < 0)
    enough = before.sum(axis=1) >= LEAST_BEFORE
    mean = np.where(before, outcome, 0).sum(axis=1) / np.maximum(before.sum(axis=1), 1)
    near = _near(people) & _near(np.maximum(mean, 1e-9)) & enough & enough[:, None]
    near &= later(rollout)
    adopters = rollout.adopters & enough
    alone = adopters & ~near.any(axis=1)
    used = near[adopters].any(axis=0)
    teams = (adopters & ~alone) | (enough & used)
    return Matched(teams, int((rollout.adopters & ~enough).sum()), int((alone & ~used).sum()))


def later(rollout: Rollout) -> Mask:
    """Return whether a team (rows) adopts LEAST_BEFORE weeks or more before another (columns), or that never adopts."""
    adopted = np.where(rollout.adopters, rollout.adopted, np.iinfo(np.int64).max // 2)
    after: Mask = adopted[None, :] - adopted[:, None] >= LEAST_BEFORE
    return after


def _near(values: Real) -> Mask:
    logarithms = np.log(values)
    # Teams with an unknown number of people (NaN) stay in.
    near: Mask = ~(np.abs(logarithms[:, None] - logarithms) > np.log(FACTOR))
    return near
