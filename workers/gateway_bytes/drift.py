"""Watches whether a calibration still holds: new requests that tell their tokens are compared with their estimate.

A cumulative sum on either side (Page, "Continuous inspection schemes", Biometrika 41, 1954) of medians of BATCH log
errors: a median, so that odd requests do not count, and a slack, so that what is too small to matter never adds up.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from math import pi, sqrt
from typing import NamedTuple

BATCH = 20
# Of the spread of a median: half of it is slack, eight of them are drift. In 10⁵ requests there is no false alarm.
SLACK = 0.5
LIMIT = 8.0
# No less than 5 % is told from chance, however alike the requests are.
LEAST_SLACK = 0.05
LEAST_LIMIT = 0.2


class NewError(NamedTuple):
    """When a request that told its tokens was made, and its log error."""

    at: datetime
    error: float


@dataclass(frozen=True, slots=True)
class Arm:
    """A cumulative sum, and the time of the first request since it was nothing."""

    height: float = 0.0
    since: datetime | None = None

    def moved(self, by: float, at: datetime) -> "Arm":
        """After another median, whose first request was made at that time."""
        height = max(0.0, self.height + by)
        return Arm(height, (self.since or at) if height else None)


@dataclass(frozen=True, slots=True)
class Watch:
    """Errors that wait for their batch to be full, both sums, and since when the calibration holds no longer."""

    waiting: tuple[float, ...] = ()
    waiting_since: datetime | None = None
    rising: Arm = Arm()
    falling: Arm = Arm()
    drifted_since: datetime | None = None


def watched(watch: Watch, errors: Iterable[NewError], middle: float, spread: float) -> Watch:
    """After more requests, in the order of their time; `middle` and `spread` are the calibration's own."""
    of_median = spread * sqrt(pi / 2 / BATCH)
    slack, limit = max(SLACK * of_median, LEAST_SLACK), max(LIMIT * of_median, LEAST_LIMIT)
    for new in errors:
        if watch.drifted_since is not None:
            return watch
        since = watch.waiting_since or new.at
        waiting = (*watch.waiting, new.error - middle)
        if len(waiting) < BATCH:
            watch = replace(watch, waiting=waiting, waiting_since=since)
            continue
        median = sorted(waiting)[BATCH // 2]
        rising, falling = watch.rising.moved(median - slack, since), watch.falling.moved(-median - slack, since)
        over = next((arm for arm in (rising, falling) if arm.height > limit), None)
        watch = Watch(rising=rising, falling=falling, drifted_since=over.since if over else None)
    return watch
