"""The probability that a pull request was worked on in an hour, from the hour's place among its activity.

Most hours of work end in a commit; others lie between commits of the same day, or on the days before the pull request
is opened. Once open, it waits for review, and is worked on before each push.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Real = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lives:
    """Pull requests as arrays; instants in hours since the epoch.

    `opened` and `ended` (pull requests,): `ended` is infinite while open. `activity_of` and `activity` (activities,): a
    pull request's index and an instant of work on it (commits, pushes and its opening, but not its end), sorted by
    both.
    """

    opened: Real
    ended: Real
    activity_of: Whole
    activity: Real


@dataclass(frozen=True, slots=True)
class Activity:
    """The probability (entries,) that a pull request (entries,) was worked on in an hour (entries,) since the epoch.

    Sorted by pull request and hour, each pair at most once, all weights above 0.
    """

    pull_request: Whole
    hour: Whole
    weight: Real


@dataclass(frozen=True, slots=True)
class Kernel:
    """The parameters of that probability; times in hours.

    An hour has work if the next activity is its `fruit`, or if work continues towards the next activity or from the
    last one. The fruit of an hour falls off as exp(-distance / moment) from the hour's end to the activity: a commit
    right after the full hour was worked on before it. Work `ahead` of an activity and `behind` one falls off within a
    working day. All are lower once the pull request is open and waits for review.
    """

    fruit: float = 0.80
    moment: float = 0.15
    ahead: float = 0.10
    ahead_open: float = 0.06
    ahead_fall: float = 3.5
    behind: float = 0.12
    behind_open: float = 0.02
    behind_fall: float = 4.0
    quiet: float = 0.01
    quiet_open: float = 0.002
    reach: float = 24.0
    asleep: float = 30 * 24.0

    def activity_in(self, lives: Lives, first: int, last: int) -> Activity:
        """Return the activity of all pull requests in the hours from `first` up to but not including `last`.

        A pull request counts from `reach` before its first activity to the hour of its end, or until it is asleep,
        which is that long after its last activity. Time and memory grow with the returned (pull request, hour) pairs.
        """
        pull_request, hour = _hours(lives, first, last, self)
        timeline = _Timeline(lives)
        begin, end = timeline.first_from(pull_request, hour), timeline.first_from(pull_request, hour + 1)
        ahead = timeline.instant(end, pull_request, np.inf) - hour - 1
        behind = hour - timeline.instant(begin - 1, pull_request, -np.inf)
        within = np.where(end > begin, timeline.instant(end - 1, pull_request, 0.0) - hour, 0.0)
        opened = hour >= lives.opened[pull_request]
        idle = (
            (1 - self.fruit * (1 - np.exp(-within / self.moment)))
            * (1 - self.fruit * np.exp(-ahead / self.moment))
            * (1 - np.where(opened, self.ahead_open, self.ahead) * np.exp(-ahead / self.ahead_fall))
            * (1 - np.where(opened, self.behind_open, self.behind) * np.exp(-behind / self.behind_fall))
            * (1 - np.where(opened, self.quiet_open, self.quiet))
        )
        return Activity(pull_request, hour, 1 - idle)


# Commits are squashed and pushed hours to days after the work.
LAGGING = Kernel(
    fruit=0.25,
    ahead=0.35,
    ahead_open=0.08,
    ahead_fall=24.0,
    behind=0.03,
    behind_open=0.02,
    behind_fall=6.0,
    quiet=0.01,
    reach=96.0,
)


def _hours(lives: Lives, first: int, last: int, kernel: Kernel) -> tuple[Whole, Whole]:
    """Return pairs of a pull request and an hour in which it could be worked on."""
    count = len(lives.opened)
    earliest, latest = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(earliest, lives.activity_of, lives.activity)
    np.maximum.at(latest, lives.activity_of, lives.activity)
    start = np.maximum(np.floor(earliest - kernel.reach), first)
    end = np.minimum(np.minimum(np.floor(lives.ended) + 1, np.ceil(latest + kernel.asleep)), last)
    length = np.where(end > start, end - start, 0).astype(np.int64)
    pull_request = np.repeat(np.arange(count), length)
    offset = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return pull_request, offset + np.where(length > 0, start, 0).astype(np.int64)[pull_request]


class _Timeline:
    """All activity on one sorted axis, with a separate stretch for each pull request."""

    def __init__(self, lives: Lives) -> None:
        self._of, self._activity = lives.activity_of, lives.activity
        self._earliest = lives.activity.min(initial=np.inf)
        self._stretch = np.ptp(lives.activity) + 2.0 if len(lives.activity) else 1.0
        self._axis = self._of * self._stretch + (self._activity - self._earliest)

    def first_from(self, pull_request: Whole, hour: Whole) -> Whole:
        """Return the index (n,) of the first activity of a pull request (n,) at or after the start of an hour (n,)."""
        position = np.clip(hour - self._earliest, 0.0, self._stretch - 0.5)
        index: Whole = np.searchsorted(self._axis, pull_request * self._stretch + position)
        return index

    def instant(self, index: Whole, pull_request: Whole, missing: float) -> Real:
        """Return the activity (n,) at the index, or `missing` if it belongs to another pull request."""
        if not len(self._activity):
            return np.full(len(index), missing)
        safe = np.clip(index, 0, len(self._activity) - 1)
        mine = (index == safe) & (self._of[safe] == pull_request)
        instants: Real = np.where(mine, self._activity[safe], missing)
        return instants
