"""What an event study finds at dates on which nothing was adopted. It should find nothing.

Each team's adoption is moved a number of weeks back and the weeks from its true adoption on are left out. The effects
week by week are the trend before adoption, estimated in the same way as the effect after it.
"""

from dataclasses import dataclass

import numpy as np

from workers.statistics.arrays import Mask, Real
from workers.statistics.event_study import EventStudy, study
from workers.statistics.rollout import Rollout

# Number of weeks by which adoption is moved back.
SHIFTS = (4, 8, 12)
# Number of weeks that must remain before a moved date, and of adopters for which they do.
LEAST_BEFORE = 8
LEAST_ADOPTERS = 5


@dataclass(frozen=True, slots=True)
class Placebo:
    """The study of a false date, `shift` weeks before adoption."""

    shift: int
    study: EventStudy


def placebos(rollout: Rollout, outcome: Real) -> tuple[Placebo, ...]:
    """Return the studies of all false dates for which there are enough weeks and adopters."""
    found = ((shift, move_back(rollout, shift)) for shift in SHIFTS)
    return tuple(
        Placebo(shift, study(moved, outcome[kept], shift))
        for shift, (moved, kept) in found
        if moved.adopters.sum() >= LEAST_ADOPTERS
    )


def move_back(rollout: Rollout, shift: int) -> tuple[Rollout, Mask]:
    """Return the rollout with moved dates and which teams (teams,) it keeps: those with enough weeks before."""
    moved = np.where(rollout.adopters, rollout.adopted - shift, rollout.adopted)
    kept = ~rollout.adopters | (moved >= LEAST_BEFORE)
    return Rollout(moved, rollout.observed & (rollout.since < 0)).of_teams(kept), kept
