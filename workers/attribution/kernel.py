"""How strongly a pull request was worked on in an hour, told by its activity.

Before each activity the weight falls off as exp(-(activity - t) / τ) with τ = 1 h: tokens are spent on what is about to
be pushed. After it a weaker term stands for work that goes on. Both are integrated over the hour. A pull request
that is open with no activity near keeps a small floor, so that quiet work is not taken for nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp

import numpy as np
from numpy.typing import NDArray

from workers.attribution.model import PullRequest

HOUR = 3600.0
TAU = 1.0 * HOUR
TAU_AFTER = 1.0 * HOUR
AFTER = 0.5
FLOOR = 0.01
# Activity farther away than this weighs nothing; stores load a day's facts this far around it.
REACH = timedelta(days=1)
# An open pull request with no activity for this long is asleep, and keeps no floor.
ASLEEP = timedelta(days=30)
# Below this part of the strongest weight in an hour a share would be noise, and a ledger row for nothing.
NEGLIGIBLE = 0.05
# Weights become whole numbers of this resolution.
RESOLUTION = 1 << 24


class Life:
    """A pull request's activity in seconds, ready to be asked for many hours."""

    def __init__(self, pull_request: PullRequest) -> None:
        instants = {pull_request.opened_at, *pull_request.activity}
        if pull_request.ended_at is not None:
            instants.add(pull_request.ended_at)
        self.artifact_id = pull_request.artifact_id
        self._activity = sorted(instant.timestamp() for instant in instants)
        self._end = float("inf") if pull_request.ended_at is None else pull_request.ended_at.timestamp()

    def weight(self, hour: datetime) -> float:
        """Weight in the hour that begins then: 0 when the pull request had ended, or nothing was near and it slept."""
        start = hour.timestamp()
        if start >= self._end:
            return 0.0
        reach = REACH.total_seconds()
        near = self._activity[
            bisect_left(self._activity, start - reach) : bisect_right(self._activity, start + HOUR + reach)
        ]
        weight = sum(_around(activity, start) for activity in near) / HOUR
        return max(weight, FLOOR) if self._awake(start) else weight

    def _awake(self, start: float) -> bool:
        last = bisect_left(self._activity, start + HOUR) - 1
        return last >= 0 and start - self._activity[last] <= ASLEEP.total_seconds()


def _around(activity: float, start: float) -> float:
    """The kernel of one activity, integrated over the hour from `start`, in seconds."""
    end = start + HOUR
    weight = 0.0
    if activity > start:
        until = min(activity, end)
        weight += TAU * (exp((until - activity) / TAU) - exp((start - activity) / TAU))
    if activity < end:
        since = max(activity, start)
        weight += AFTER * TAU_AFTER * (exp((activity - since) / TAU_AFTER) - exp((activity - end) / TAU_AFTER))
    return weight


def whole_weights(lives: Iterable[Life], hour: datetime) -> dict[bytes, int]:
    """Weights of the pull requests that were worked on in that hour, as whole numbers; empty when none was."""
    weights = {life.artifact_id: weight for life in lives if (weight := life.weight(hour)) > 0}
    strongest = max(weights.values(), default=0.0)
    return {
        artifact_id: max(1, round(weight / strongest * RESOLUTION))
        for artifact_id, weight in weights.items()
        if weight >= NEGLIGIBLE * strongest
    }


@dataclass(frozen=True, slots=True)
class Kernel:
    """The shape of work around an activity; times in hours.

    Weight falls off as exp(-distance / before) ahead of an activity, and as `after_height` · exp(-distance / after)
    behind it, up to `reach`. An open pull request keeps `floor` until `asleep` after its last activity.
    """

    before: float = 1.0
    after: float = 1.0
    after_height: float = 0.5
    floor: float = 0.01
    reach: float = 24.0
    asleep: float = 30 * 24.0


@dataclass(frozen=True, slots=True)
class Lives:
    """Pull requests as arrays; instants in hours since the epoch.

    `opened` and `ended` (pull requests,): `ended` is infinite while open. `activity_of` and `activity` (activities,):
    the index of a pull request and an instant at which it was worked on, sorted by both, opening and end among them.
    """

    opened: NDArray[np.float64]
    ended: NDArray[np.float64]
    activity_of: NDArray[np.int64]
    activity: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Activity:
    """How strongly (entries,) a pull request (entries,) was worked on in an hour (entries,) since the epoch.

    Sorted by pull request and hour, each pair at most once, all weights above 0.
    """

    pull_request: NDArray[np.int64]
    hour: NDArray[np.int64]
    weight: NDArray[np.float64]


def activity_in(lives: Lives, first: int, last: int, kernel: Kernel) -> Activity:
    """The activity of all pull requests in the hours from `first` up to and without `last`.

    Time and memory grow with the number of (pull request, hour) pairs that are returned.
    """
    count = len(lives.opened)
    earliest = np.full(count, np.inf)
    latest = np.full(count, -np.inf)
    np.minimum.at(earliest, lives.activity_of, lives.activity)
    np.maximum.at(latest, lives.activity_of, lives.activity)
    start = np.maximum(np.floor(earliest - kernel.reach), first)
    end = np.minimum(np.minimum(np.ceil(lives.ended), np.ceil(latest + kernel.asleep)), last)
    length = np.where(end > start, end - start, 0).astype(np.int64)
    pull_request = np.repeat(np.arange(count), length)
    begins = np.cumsum(length) - length
    hour = np.arange(length.sum()) - np.repeat(begins, length) + np.repeat(start, length).astype(np.int64)
    # One sorted axis for all pull requests: each has a stretch of its own, longer than any life.
    apart = float(last - first) + 4 * (kernel.reach + kernel.asleep) + np.ptp(lives.activity) if count else 1.0
    instants = lives.activity_of * apart + lives.activity
    middle = pull_request * apart + hour + 0.5
    next_one = np.searchsorted(instants, middle)
    weight = np.full(len(hour), kernel.floor)
    for neighbour in (next_one - 2, next_one - 1, next_one, next_one + 1):
        inside = (neighbour >= 0) & (neighbour < len(instants))
        index = np.clip(neighbour, 0, max(len(instants) - 1, 0))
        inside &= lives.activity_of[index] == pull_request
        ahead = lives.activity[index] - hour - 0.5
        near = np.where(
            ahead >= 0,
            np.exp(-np.abs(ahead) / kernel.before),
            kernel.after_height * np.exp(-np.abs(ahead) / kernel.after),
        )
        weight += np.where(inside & (np.abs(ahead) <= kernel.reach), near, 0.0)
    return Activity(pull_request, hour, weight)
