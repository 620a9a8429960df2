"""Detects drift of a calibration by comparing new requests that report tokens with their estimates.

Uses a cumulative sum on each side (Page, "Continuous inspection schemes", Biometrika 41, 1954) of medians of BATCH log
errors: medians, so that outliers do not count, and with a slack, so that small errors never add up.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from math import pi, sqrt
from typing import NamedTuple

BATCH = 20
# In units of the spread of a median: half of it is slack, eight are drift. In 10⁵ requests there is no false alarm.
SLACK = 0.5
LIMIT = 8.0
# Below 5 %, errors are not distinguished from chance, even for very similar requests.
LEAST_SLACK = 0.05
LEAST_LIMIT = 0.2


class NewError(NamedTuple):
    """The time and log error of a request that reported its tokens."""

    at: datetime
    error: float


@dataclass(frozen=True, slots=True)
class Arm:
    """A cumulative sum, and the time of the first request since it was 0."""

    height: float = 0.0
    since: datetime | None = None

    def moved(self, by: float, at: datetime) -> "Arm":
        """Return the sum after another median, whose first request was at that time."""
        height = max(0.0, self.height + by)
        return Arm(height, (self.since or at) if height else None)


@dataclass(frozen=True, slots=True)
class Watch:
    """Errors since the last full batch, both cumulative sums, and since when the calibration has drifted."""

    recent_errors: tuple[float, ...] = ()
    recent_errors_since: datetime | None = None
    rising: Arm = Arm()
    falling: Arm = Arm()
    drifted_since: datetime | None = None


def watched(watch: Watch, errors: Iterable[NewError], middle: float, spread: float) -> Watch:
    """Return the watch after more requests in order of time; `middle` and `spread` are the calibration's."""
    of_median = spread * sqrt(pi / 2 / BATCH)
    slack, limit = max(SLACK * of_median, LEAST_SLACK), max(LIMIT * of_median, LEAST_LIMIT)
    for new in errors:
        if watch.drifted_since is not None:
            return watch
        since = watch.recent_errors_since or new.at
        recent = (*watch.recent_errors, new.error - middle)
        if len(recent) < BATCH:
            watch = replace(watch, recent_errors=recent, recent_errors_since=since)
            continue
        median = sorted(recent)[BATCH // 2]
        rising, falling = watch.rising.moved(median - slack, since), watch.falling.moved(-median - slack, since)
        over = next((arm for arm in (rising, falling) if arm.height > limit), None)
        watch = Watch(rising=rising, falling=falling, drifted_since=over.since if over else None)
    return watch
