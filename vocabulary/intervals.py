"""Intervals of attributions, from calibrated errors.

Linked tokens are known. Tokens split between pull requests are an estimate, whose errors are measured where the truth
is known, as quantiles of log((true + c) / (estimate + c)). The offset c keeps small and zero totals from dominating.
Workers calibrate the quantiles; service and benchmark apply them.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, log
from typing import Final, NamedTuple

COVERAGE: Final = 0.8
# The figure of a pull request with a smaller share of direct evidence is not reliable.
RELIABLE_SHARE: Final = 0.6
# From this number of pull requests on, a sum has an interval with any evidence.
SUM_SIZE: Final = 25


class Doubt(StrEnum):
    """Why a figure is not reliable, most important first."""

    FEW_LINKS = "few_links"
    EXPLORATION_ASSUMED = "exploration_assumed"
    LINKS_NOT_RANDOM = "links_not_random"
    ACTIVITY_LAGS = "activity_lags"
    ONE_BURST = "one_burst"
    WIDE = "wide"


class Quantiles(NamedTuple):
    """The lower and upper quantile of the log error of a sum over a number of pull requests."""

    pull_requests: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Measured errors of split tokens. `offset` is c in tokens; `quantiles` ascend by number of pull requests.

    `doubts` are what disturbs the team's estimates, `direct_error` (0 to 1) is the part of linked tokens that may be
    linked wrongly or missing.
    """

    offset: int
    quantiles: tuple[Quantiles, ...]
    doubts: tuple[Doubt, ...] = ()
    direct_error: float = 0.0


class Bounds(NamedTuple):
    """Bounds in tokens that hold the truth with probability COVERAGE."""

    low: int
    high: int


def bounds(direct: int, pooled: int, pull_requests: int, calibration: Calibration) -> Bounds:
    """Return the interval of a sum over `pull_requests` with `direct` linked and `pooled` split tokens."""
    errors = quantiles_for(pull_requests, calibration.quantiles)
    offset = calibration.offset
    low = int((pooled + offset) * exp(errors.low)) - offset
    high = int((pooled + offset) * exp(errors.high)) - offset
    wrong = round(direct * calibration.direct_error)
    # The interval always holds the estimate itself.
    return Bounds(direct - wrong + max(0, min(pooled, low)), direct + wrong + max(pooled, high))


def quantiles_for(pull_requests: int, known: Sequence[Quantiles]) -> Quantiles:
    """Interpolate the known quantiles for a number of pull requests; outside the known range, return the nearest.

    Raises ValueError if `known` is empty.
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
    # Errors shrink with the logarithm of the size.
    part = log(pull_requests / lower.pull_requests) / log(upper.pull_requests / lower.pull_requests)
    return Quantiles(
        pull_requests, lower.low + part * (upper.low - lower.low), lower.high + part * (upper.high - lower.high)
    )
