"""How the cost of merged pull requests is spread: the median, and what the dearest tenth took. Pure."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from service.queries.ledger.percentiles import Step

TENTH: Final = 0.1
# Percentiles of fewer are withheld, as in the API.
FEWEST: Final = 20


class Spread(NamedTuple):
    """The median in nano-USD, and the share of all cost that the dearest tenth took, from 0 to 1."""

    number: int
    median: float
    dearest_tenth: float


def spread_of(steps: Sequence[Step]) -> Spread | None:
    """Return the spread of ascending steps; None for few pull requests or without cost."""
    number, whole = sum(step.pull_requests for step in steps), sum(step.nano_usd for step in steps)
    if number < FEWEST or whole <= 0:
        return None
    left, taken = number * TENTH, 0.0
    for step in reversed(steps):
        part = min(left, step.pull_requests)
        taken += step.nano_usd * part / step.pull_requests
        left -= part
        if left <= 0:
            break
    return Spread(number, _median(steps, number), taken / whole)


def _median(steps: Sequence[Step], number: int) -> float:
    below = 0
    for step in steps:
        below += step.pull_requests
        if 2 * below >= number:
            return step.nano_usd / step.pull_requests
    raise AssertionError("half of the pull requests are in the steps")
