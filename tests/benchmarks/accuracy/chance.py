"""What chance alone makes of coverage: an oracle whose intervals hold exactly as often as they say, for every team."""

from bisect import bisect_left
from collections.abc import Sequence
from math import ceil, exp, lgamma, log, prod

from schema.vocabulary.intervals import COVERAGE

# Coverage is told to a thousandth.
STEPS = 1000


def worst_by_chance(pull_requests: Sequence[int], part: float = 0.5, coverage: float = COVERAGE) -> float:
    """The coverage above which the worst of teams with so many pull requests stays in all but `part` of trials.

    Each interval holds the truth with that probability, independently of the others. Errors of one team's pull requests
    are not independent, so that no engine does as well.
    """

    def below(step: int) -> bool:
        return prod(_at_least(step / STEPS, each, coverage) for each in pull_requests) < 1 - part

    return (bisect_left(range(STEPS + 1), True, key=below) - 1) / STEPS


def _at_least(share: float, count: int, coverage: float) -> float:
    """How probable it is that so many trials of that probability give at least that share of hits."""
    begin = ceil(share * count - 1e-9)
    return min(1.0, sum(_probability(hits, count, coverage) for hits in range(begin, count + 1)))


def _probability(hits: int, count: int, coverage: float) -> float:
    ways = lgamma(count + 1) - lgamma(hits + 1) - lgamma(count - hits + 1)
    return exp(ways + hits * log(coverage) + (count - hits) * log(1 - coverage))
