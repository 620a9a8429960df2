"""How strongly a pull request was worked on in an hour, as the first method told it: one bell around every activity.

Before each activity, the end of the pull request among them, the weight falls off as exp(-distance / 1 h): tokens are
spent on what is about to be pushed. After it a weaker term stands for work that goes on. Both are integrated over the
hour and added up. An open pull request with no activity near keeps a small floor until it is asleep.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.attribution.kernel import Activity, Lives

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
        """The activity of all pull requests in the hours from `first` up to and without `last`.

        Time and memory grow with the number of (pull request, hour) pairs that are returned.
        """
        of, instant, following = self._concerning(lives, first, last)
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

    def _concerning(self, lives: Lives, first: int, last: int) -> tuple[Whole, Real, Real]:
        """Activity near enough to matter to some of the hours, and what follows it."""
        of, instant = _with_ends(lives)
        following = _next(of, instant)
        near = (instant >= first - max(self.asleep, self.reach) - 1) & (instant <= last + self.reach + 1)
        return of[near], instant[near], following[near]

    def _bell(self, ahead: Real) -> Real:
        """The bell over an hour that an activity lies `ahead` of the beginning of."""
        near = (ahead >= -self.reach) & (ahead <= self.reach + 1)
        before = np.where(ahead > 0, np.exp(-np.maximum(ahead - 1, 0) / self.before) - np.exp(-ahead / self.before), 0)
        after = np.where(ahead < 1, np.exp(np.minimum(ahead, 0) / self.after) - np.exp((ahead - 1) / self.after), 0)
        return np.where(near, self.before * before + self.after_height * self.after * after, 0.0)


def _with_ends(lives: Lives) -> tuple[Whole, Real]:
    """Activity with the ends of pull requests among it, each instant once, sorted."""
    ended = np.flatnonzero(np.isfinite(lives.ended))
    of = np.concatenate([lives.activity_of, ended])
    instant = np.concatenate([lives.activity, lives.ended[ended]])
    order = np.lexsort((instant, of))
    of, instant = of[order], instant[order]
    new = np.ones(len(of), dtype=bool)
    new[1:] = (of[1:] != of[:-1]) | (instant[1:] != instant[:-1])
    return of[new], instant[new]


def _next(of: Whole, instant: Real) -> Real:
    """The hour of the next activity of the same pull request, or infinity."""
    following = np.full(len(of), np.inf)
    same = of[1:] == of[:-1]
    following[:-1][same] = np.floor(instant[1:])[same]
    return following


def _hours(start: Real, end: Real) -> tuple[Whole, Whole]:
    """Index of a span and hour, for all hours from `start` to `end` (spans,), both among them."""
    length = np.maximum(np.floor(end) - start + 1, 0).astype(np.int64)
    span = np.repeat(np.arange(len(start)), length)
    offset = np.arange(len(span)) - np.repeat(np.cumsum(length) - length, length)
    return span, offset + start.astype(np.int64)[span]
