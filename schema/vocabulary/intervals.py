"""How far an attribution may be from the truth: an interval from calibrated errors.

Tokens that a link gives to a pull request are known. Those that were split between several are an estimate, whose
errors were measured where the truth was known: as quantiles of log((true + c) / (estimate + c)), with an offset c that
keeps small and zero totals from dominating. Service and benchmark apply them here; workers calibrate them.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final, NamedTuple

COVERAGE: Final = 0.8
# A single pull request with a smaller part of direct evidence is not to be relied on alone.
RELIABLE_SHARE: Final = 0.6
# A sum over so many pull requests gets its interval whatever the evidence.
SUM_SIZE: Final = 25


class Quantiles(NamedTuple):
    """The lower and upper quantile of the log error of a sum over so many pull requests."""

    pull_requests: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Measured errors of pooled tokens. `offset` is c in tokens; `quantiles` ascend by number of pull requests."""

    offset: int
    quantiles: tuple[Quantiles, ...]


class Bounds(NamedTuple):
    """Tokens between which the truth lies with probability COVERAGE."""

    low: int
    high: int


def bounds(direct: int, pooled: int, pull_requests: int, calibration: Calibration) -> Bounds:
    """The interval of a sum over `pull_requests`, of which `direct` tokens are linked and `pooled` were split."""
    errors = quantiles_for(pull_requests, calibration.quantiles)
    offset = calibration.offset
    low = int((pooled + offset) * exp(errors.low)) - offset
    high = int((pooled + offset) * exp(errors.high)) - offset
    # The estimate itself is always inside, however the errors of other pull requests lay.
    return Bounds(direct + max(0, min(pooled, low)), direct + max(pooled, high))


def quantiles_for(pull_requests: int, known: Sequence[Quantiles]) -> Quantiles:
    """Quantiles for a sum of that many, between those that are known; beyond the ends, those of the end.

    Raises ValueError when none is known.
    """
    if not known:
        raise ValueError("no quantiles were calibrated")
    if pull_requests <= known[0].pull_requests:
        return known[0]
    position = bisect_left([each.pull_requests for each in known], pull_requests)
    if position == len(known):
        return known[-1]
    upper = known[position]
    if upper.pull_requests == pull_requests:
        return upper
    lower = known[position - 1]
    # Errors shrink with the logarithm of the size rather than with the size.
    part = log(pull_requests / lower.pull_requests) / log(upper.pull_requests / lower.pull_requests)
    return Quantiles(
        pull_requests, lower.low + part * (upper.low - lower.low), lower.high + part * (upper.high - lower.high)
    )
