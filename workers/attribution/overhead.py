"""Which part of the tokens is exploration, that no pull request earned, told by the sessions that are linked.

The part is of ordinary tokens. Exploration goes on steadily, while single bursts of work on a pull request take many
times what an hour usually takes; a part of all tokens would rise and fall with the few largest of them.
"""

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

# What is assumed until linked sessions tell, and how many hours of linked sessions an assumption counts as after that.
DEFAULT_SHARE = 0.20
ASSUMED_HOURS = 100
# Linked tokens in fewer hours than these tell nothing yet.
ENOUGH_HOURS = 200
# At most so many times its mean is ordinary in an hour.
ORDINARY = 8.0


def exploratory_share(explored: Real, linked: Real, assumed_share: float = DEFAULT_SHARE) -> float:
    """The share, 0 to 1, of ordinary tokens that is exploration.

    `linked` are the tokens of linked sessions in each hour (hours,), `explored` (hours,) those among them that were
    exploration. Hours without linked tokens tell nothing. `assumed_share` holds until enough hours tell.
    """
    reported = linked > 0
    hours = int(reported.sum())
    if hours < ENOUGH_HOURS:
        return assumed_share
    limit = ORDINARY * linked[reported].mean()
    ordinary = np.minimum(linked[reported], limit).sum()
    assumed = ASSUMED_HOURS * ordinary / hours
    share = (np.minimum(explored[reported], limit).sum() + assumed_share * assumed) / (ordinary + assumed)
    return float(min(max(share, 0.0), 1.0))
