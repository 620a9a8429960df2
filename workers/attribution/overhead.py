"""Estimates from linked sessions the part of tokens that is exploration, which no pull request earned.

The part is of ordinary tokens. Exploration is steady, while single bursts of work on a pull request take a multiple of
an ordinary hour; a part of all tokens would rise and fall with the few largest bursts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

# The share assumed without linked sessions.
DEFAULT_SHARE = 0.20
# An hour is ordinary up to this multiple of the mean.
ORDINARY = 8.0


@dataclass(frozen=True, slots=True)
class Assumption:
    """How many hours with linked tokens the assumed share weighs, and how many must exist to say anything."""

    weighs_hours: float = 25
    enough_hours: int = 1


LIGHT = Assumption()


def exploratory_share(
    explored: Real, linked: Real, assumed_share: float = DEFAULT_SHARE, assumption: Assumption = LIGHT
) -> float:
    """Return the share (0 to 1) of ordinary tokens that is exploration.

    `linked` (hours,) are the tokens of linked sessions by hour, `explored` (hours,) the exploration among them. Hours
    without linked tokens are ignored. The share is drawn to `assumed_share`, which is all there is without links.
    """
    has_links = linked > 0
    hours = int(has_links.sum())
    if hours < max(1, assumption.enough_hours):
        return assumed_share
    limit = ORDINARY * linked[has_links].mean()
    ordinary = np.minimum(linked[has_links], limit).sum()
    assumed = assumption.weighs_hours * ordinary / hours
    share = (np.minimum(explored[has_links], limit).sum() + assumed_share * assumed) / (ordinary + assumed)
    return float(min(max(share, 0.0), 1.0))
