"""Calibrates intervals by split conformal prediction on log((true + c) / (estimate + c)).

Errors are measured on pull requests whose pooled tokens are known: in an organization by masking links (see `masking`),
before there are enough links on simulated teams (see `interval_defaults`). Single pull requests and sums are calibrated
separately, because errors of a week's pull requests do not cancel like independent ones.
"""

from collections.abc import Sequence
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from vocabulary.intervals import COVERAGE, Quantiles

Real = NDArray[np.float64]

# The offset c as a part of the mean pooled tokens of a merged pull request.
OFFSET_SHARE = 0.1
# Sizes of sums that are calibrated; quantiles in between are interpolated.
SIZES = (1, 5, 10, 25, 50, 100)
# The part of errors left out on each side, rounded because 1 - 0.8 is inexact.
TAIL = round((1 - COVERAGE) / 2, 9)
# Fewer measured errors than this say too little about the tails.
ENOUGH = 50


def offset(pooled_tokens: int, pull_requests: int) -> int:
    """Return the offset c in tokens for a team's pooled tokens and merged pull requests."""
    return max(1, round(OFFSET_SHARE * pooled_tokens / max(1, pull_requests)))


def log_errors(true: Real, estimate: Real, offset: int) -> Real:
    """Return the errors (n,) of pooled tokens (n,), as natural logarithms."""
    errors: Real = np.log((true + offset) / (estimate + offset))
    return errors


def conformal_quantiles(errors: Real, pull_requests: int) -> Quantiles:
    """Return the bounds that contain a new error with probability COVERAGE, given past errors (n,); n at least 1.

    Each tail takes the error one rank further out than the plain quantile, to correct for finite n.
    """
    ordered = np.sort(errors)
    low = max(0, floor(TAIL * (len(ordered) + 1)) - 1)
    high = min(len(ordered) - 1, ceil((1 - TAIL) * (len(ordered) + 1)) - 1)
    return Quantiles(pull_requests, float(ordered[low]), float(ordered[high]))


def sum_errors(true: Real, estimate: Real, offset: int, size: int) -> Real:
    """Return log errors of sums over `size` neighbours, overlapping by half; empty with fewer pull requests (n,).

    Pull requests are in order of their merge, as releases and weeks sum them.
    """
    starts = np.arange(0, len(true) - size + 1, max(1, size // 2))
    return log_errors(_sums(true, starts, size), _sums(estimate, starts, size), offset)


def calibrate(true: Real, estimate: Real, offset: int, sizes: Sequence[int] = SIZES) -> tuple[Quantiles, ...]:
    """Return quantiles for each size of sum with ENOUGH errors; pull requests (n,) are in order of their merge."""
    measured = ((size, sum_errors(true, estimate, offset, size)) for size in sizes)
    return tuple(conformal_quantiles(errors, size) for size, errors in measured if len(errors) >= ENOUGH)


def _sums(values: Real, starts: NDArray[np.int64], size: int) -> Real:
    running = np.concatenate([[0.0], np.cumsum(values)])
    sums: Real = running[starts + size] - running[starts]
    return sums
