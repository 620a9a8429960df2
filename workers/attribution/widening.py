"""Widens intervals by what measured errors do not contain: an assumed share of exploration, and single bursts."""

from collections.abc import Collection, Sequence
from math import hypot, log
from typing import Final

from vocabulary.intervals import Doubt, Quantiles
from workers.attribution.overhead import DEFAULT_SHARE

# What part of a team's tokens exploration plausibly is, where links do not tell.
LEAST_EXPLORATION, MOST_EXPLORATION = 0.05, 0.45
# From this number of pull requests on, errors are common to all of them and add up instead of averaging out.
COMMON: Final = 10


def widened(quantiles: Sequence[Quantiles], doubts: Collection[Doubt], burst: float) -> tuple[Quantiles, ...]:
    """Widen quantiles by what disturbs the team; `burst` is the part of the tokens in its largest hour."""
    low, high = 0.0, 0.0
    if Doubt.EXPLORATION_ASSUMED in doubts:
        low += log((1 - MOST_EXPLORATION) / (1 - DEFAULT_SHARE))
        high += log((1 - LEAST_EXPLORATION) / (1 - DEFAULT_SHARE))
    if Doubt.ONE_BURST in doubts:
        low += log(1 - min(burst, 0.9))
        high -= log(1 - min(burst, 0.9))
    return tuple(
        Quantiles(each.pull_requests, each.low + low, each.high + high)
        if each.pull_requests >= COMMON
        else Quantiles(each.pull_requests, -hypot(each.low, low), hypot(each.high, high))
        for each in quantiles
    )
