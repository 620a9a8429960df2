"""Variation of coverage by chance: an oracle whose intervals have exactly the nominal coverage for every team."""

from bisect import bisect_left
from collections.abc import Sequence
from math import ceil, exp, lgamma, log, prod

from vocabulary.intervals import COVERAGE

# Coverage is computed to a thousandth.
STEPS = 1000


def worst_by_chance(pull_requests: Sequence[int], part: float = 0.5, coverage: float = COVERAGE) -> float:
    """Return the coverage that the worst of teams of these sizes exceeds in 1 - `part` of trials.

    Each interval contains the truth with probability `coverage`, independently. Real errors within a team are not
    independent, so no engine reaches this.
    """

    def below(step: int) -> bool:
        return prod(_at_least(step / STEPS, each, coverage) for each in pull_requests) < 1 - part

    return (bisect_left(range(STEPS + 1), True, key=below) - 1) / STEPS


def _at_least(share: float, count: int, coverage: float) -> float:
    """Return the probability that `count` trials give at least that share of hits."""
    begin = ceil(share * count - 1e-9)
    return min(1.0, sum(_probability(hits, count, coverage) for hits in range(begin, count + 1)))


def _probability(hits: int, count: int, coverage: float) -> float:
    ways = lgamma(count + 1) - lgamma(hits + 1) - lgamma(count - hits + 1)
    return exp(ways + hits * log(coverage) + (count - hits) * log(1 - coverage))
