"""How pooled tokens are shared: activity times a rate per pull request that is fitted over its life.

Tokens of a pull request in an hour are taken as its activity there times its rate, tokens per unit of activity. Rates
differ between pull requests by orders of magnitude, so they are estimated by expectation and maximisation: tokens are
shared by activity times rate, then each rate is what the pull request got, linked tokens included, over its activity,
drawn towards the team's mean rate by a gamma prior.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.attribution.kernel import Activity

Whole = NDArray[np.int64]
Real = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pooled:
    """Tokens that are known by repository or team alone, and who may claim them.

    A cell is one pool in one hour. `tokens` (cells,) is what it holds. A claim says that an entry of the activity,
    `active` (claims,) its index, takes part in a cell, `cell` (claims,) its index.
    """

    tokens: Real
    active: Whole
    cell: Whole


@dataclass(frozen=True, slots=True)
class Linked:
    """Tokens (links,) known to be of a pull request (links,) in an hour (links,)."""

    pull_request: Whole
    hour: Whole
    tokens: Real


@dataclass(frozen=True, slots=True)
class Prior:
    """What is thought of rates before any token is seen: a gamma distribution around the team's mean rate."""

    shape: float = 0.5
    iterations: int = 30


def fit(activity: Activity, pooled: Pooled, linked: Linked, pull_requests: int, prior: Prior) -> Real:
    """Weights (claims,): claims of a cell share its tokens, less the exploratory share, in proportion to them.

    `pull_requests` is how many there are; activity and links name them by index from 0.
    """
    exposure = np.bincount(activity.pull_request, activity.weight, pull_requests)
    known = np.bincount(linked.pull_request, linked.tokens, pull_requests)
    owner, weight = activity.pull_request[pooled.active], activity.weight[pooled.active]
    total = exposure.sum()
    mean = (pooled.tokens.sum() + known.sum()) / total if total else 0.0
    rate = np.full(pull_requests, mean)
    shape = prior.shape
    for _ in range(prior.iterations):
        claim = weight * rate[owner]
        asked = np.bincount(pooled.cell, claim, len(pooled.tokens))
        part = np.divide(pooled.tokens, asked, out=np.zeros_like(asked), where=asked > 0)
        got = np.bincount(owner, claim * part[pooled.cell], pull_requests)
        unit = exposure.mean() if pull_requests else 0.0
        rate = np.divide(
            known + got + shape * mean * unit, exposure + shape * unit, out=rate, where=exposure + unit > 0
        )
    weights: Real = weight * rate[owner]
    return weights
