"""The activity of a pull request in an hour by the first method: one bell around every activity.

Before each activity, including the pull request's end, the weight falls off as exp(-distance / 1 h), because tokens are
spent on what is about to be pushed. After it a weaker term stands for work that continues. Both are integrated over the
hour and summed. An open pull request without activity nearby keeps a small floor until it is asleep.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.attribution.kernels.kernel import Activity, Lives

Whole = NDArray[np.int64]
Real = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SummedKernel:
    """The shape of the bell; times in hours."""

    before: float = 1.0
    after: float = 1.0
    after_height: float = 0.5
    floor: float = 0.01
    reach: int = 24
    asleep: float = 30 * 24.0

    def activity_in(self, lives: Lives, first: int, last: int) -> Activity:
        """Return the activity of all pull requests in the hours from `first` up to but not including `last`.

        Time and memory grow with the number of returned (pull request, hour) pairs.
        """
        of, instant, following = self._relevant(lives, first, last)
        near, near_hour = _hours(np.floor(instant) - self.reach - 1, np.floor(instant) + self.reach + 1)
        awake, awake_hour = _hours(np.floor(instant), np.minimum(following - 1, instant + self.asleep))
        owner = np.concatenate([of[near], of[awake]])
        hour = np.concatenate([near_hour, awake_hour])
        bells = np.concatenate([self._bell(instant[near] - near_hour), np.zeros(len(awake))])
        floors = np.concatenate([np.zeros(len(near)), np.full(len(awake), self.floor)])

        lived = (hour >= first) & (hour < last) & (hour < lives.ended[owner])
        keys, pair = np.unique(owner[lived] * (last - first) + hour[lived] - first, return_inverse=True)
        bell, floor = (np.bincount(pair, part[lived], len(keys)) for part in (bells, floors))
        weight = np.maximum(bell, floor)
        kept = weight > 0
        keys = keys[kept]
        return Activity(keys // (last - first), keys % (last - first) + first, weight[kept])

    def _relevant(self, lives: Lives, first: int, last: int) -> tuple[Whole, Real, Real]:
        """Return activity near enough to affect these hours, and the activity that follows each."""
        of, instant = _with_ends(lives)
        following = _next(of, instant)
        near = (instant >= first - max(self.asleep, self.reach) - 1) & (instant <= last + self.reach + 1)
        return of[near], instant[near], following[near]

    def _bell(self, ahead: Real) -> Real:
        """Return the bell integrated over an hour that begins `ahead` of an activity."""
        near = (ahead >= -self.reach) & (ahead <= self.reach + 1)
        before = np.where(ahead > 0, np.exp(-np.maximum(ahead - 1, 0) / self.before) - np.exp(-ahead / self.before), 0)
        after = np.where(ahead < 1, np.exp(np.minimum(ahead, 0) / self.after) - np.exp((ahead - 1) / self.after), 0)
        return np.where(near, self.before * before + self.after_height * self.after * after, 0.0)


def _with_ends(lives: Lives) -> tuple[Whole, Real]:
    """Return activity including the ends of pull requests, each instant once, sorted."""
    ended = np.flatnonzero(np.isfinite(lives.ended))
    of = np.concatenate([lives.activity_of, ended])
    instant = np.concatenate([lives.activity, lives.ended[ended]])
    order = np.lexsort((instant, of))
    of, instant = of[order], instant[order]
    new = np.ones(len(of), dtype=bool)
    new[1:] = (of[1:] != of[:-1]) | (instant[1:] != instant[:-1])
    return of[new], instant[new]


def _next(of: Whole, instant: Real) -> Real:
    """Return the hour of the same pull request's next activity, or infinity."""
    following = np.full(len(of), np.inf)
    same = of[1:] == of[:-1]
    following[:-1][same] = np.floor(instant[1:])[same]
    return following


def _hours(start: Real, end: Real) -> tuple[Whole, Whole]:
    """Return span index and hour for all hours from `start` to `end` (spans,), inclusive."""
    length = np.maximum(np.floor(end) - start + 1, 0).astype(np.int64)
    span = np.repeat(np.arange(len(start)), length)
    offset = np.arange(len(span)) - np.repeat(np.cumsum(length) - length, length)
    return span, offset + start.astype(np.int64)[span]
