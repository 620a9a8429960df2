"""Estimates from linked sessions the part of tokens that is exploration, which no pull request earned.

The part is of ordinary tokens. Exploration is steady, while single bursts of work on a pull request take a multiple of
an ordinary hour; a part of all tokens would rise and fall with the few largest bursts.
"""

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

# The share assumed without linked sessions, and the hours of linked sessions that it weighs afterwards.
DEFAULT_SHARE = 0.20
ASSUMED_HOURS = 100
# Linked tokens in fewer hours say nothing yet.
ENOUGH_HOURS = 200
# An hour is ordinary up to this multiple of the mean.
ORDINARY = 8.0


def exploratory_share(explored: Real, linked: Real, assumed_share: float = DEFAULT_SHARE) -> float:
    """Return the share (0 to 1) of ordinary tokens that is exploration.

    `linked` (hours,) are the tokens of linked sessions by hour, `explored` (hours,) the exploration among them. Hours
    without linked tokens are ignored. `assumed_share` applies until there are enough hours.
    """
    has_links = linked > 0
    hours = int(has_links.sum())
    if hours < ENOUGH_HOURS:
        return assumed_share
    limit = ORDINARY * linked[has_links].mean()
    ordinary = np.minimum(linked[has_links], limit).sum()
    assumed = ASSUMED_HOURS * ordinary / hours
    share = (np.minimum(explored[has_links], limit).sum() + assumed_share * assumed) / (ordinary + assumed)
    return float(min(max(share, 0.0), 1.0))
