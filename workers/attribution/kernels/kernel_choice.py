"""Chooses the kernel of a team: activity usually is work time, but commits may be pushed hours to days after the work.

With links, the kernel is chosen that gives linked hours the highest likelihood among all hours in which the team used
tokens. Without links, it is the one whose activity best explains the team's tokens beyond their profile over the week.
Both have a margin: the usual kernel stays unless another one is clearly better.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.attribution.kernels.kernel import Activity

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

HOURS_A_WEEK = 168
# Fewer linked hours of pull requests, and fewer hours with tokens, say too little.
ENOUGH_LINKS, ENOUGH_HOURS = 40, 100
# How much the mean log likelihood of a linked hour, and the correlation with tokens, must rise.
LIKELIER, CLOSER = 0.1, 0.01
# A correlation below this is noise.
NOISE = 0.05
# The likelihood of an hour in which a kernel sees no activity.
UNSEEN = 1e-3


class Choice(NamedTuple):
    """The index of a kernel, and how closely its activity follows the team's tokens: a correlation, 1 if unknown."""

    place: int
    closeness: float = 1.0


def choose(activities: Sequence[Activity], tokens: Real, first: int, linked: tuple[Whole, Whole]) -> Choice:
    """Return the kernel to use; the first is the usual one.

    `activities` are those of each kernel, by hour and pull request, in the hours that `tokens` (hours,) cover from
    `first` on; `linked` are pull requests and hours (links,).
    """
    if (tokens > 0).sum() < ENOUGH_HOURS:
        return Choice(0)
    closeness = [closeness_of(each, tokens, first) for each in activities]
    pull_request, hour = _distinct(*linked, first, len(tokens))
    if len(hour) >= ENOUGH_LINKS:
        scores = [_likelihood(each, tokens, first, pull_request, hour) for each in activities]
        margin = LIKELIER
    else:
        scores, margin = closeness, CLOSER
    best = int(np.argmax(scores))
    is_noise = scores is closeness and scores[best] < NOISE
    place = best if scores[best] > scores[0] + margin and not is_noise else 0
    return Choice(place, closeness[place])


def _distinct(pull_request: Whole, hour: Whole, first: int, hours: int) -> tuple[Whole, Whole]:
    """Return distinct pairs of a pull request and an hour within the hours."""
    within = (hour >= first) & (hour < first + hours)
    keys = np.unique(pull_request[within] * hours + hour[within] - first)
    return keys // hours, keys % hours + first


def _likelihood(activity: Activity, tokens: Real, first: int, pull_request: Whole, hour: Whole) -> float:
    """Return the mean log probability of these hours among those of their pull requests with tokens."""
    hours = len(tokens)
    used = tokens[activity.hour - first] > 0
    count = int(max(activity.pull_request.max(initial=0), pull_request.max(initial=0))) + 1
    of_life = np.bincount(activity.pull_request[used], activity.weight[used], count)
    # In ascending order, as activity is.
    keys = np.append((activity.hour - first) * count + activity.pull_request, hours * count)
    wanted = (hour - first) * count + pull_request
    place = np.searchsorted(keys, wanted)
    weight = np.where(keys[place] == wanted, np.append(activity.weight, 0.0)[place], 0.0)
    total = of_life[pull_request]
    probability = np.divide(weight, total, out=np.zeros(len(total)), where=total > 0)
    return float(np.log(np.maximum(probability, UNSEEN)).mean())


def closeness_of(activity: Activity, tokens: Real, first: int) -> float:
    """Return the correlation of activity and log tokens, both beyond their mean of the hour of the week."""
    active = np.bincount(activity.hour - first, activity.weight, len(tokens)).astype(np.float64)
    of_week = (first + np.arange(len(tokens))) % HOURS_A_WEEK
    sides = [_beyond_profile(np.log1p(active), of_week), _beyond_profile(np.log1p(tokens), of_week)]
    norm = np.sqrt((sides[0] ** 2).sum() * (sides[1] ** 2).sum())
    return float((sides[0] * sides[1]).sum() / norm) if norm else 0.0


def _beyond_profile(values: Real, of_week: Whole) -> Real:
    seen = np.bincount(of_week, minlength=HOURS_A_WEEK)
    mean = np.bincount(of_week, values, HOURS_A_WEEK) / np.maximum(seen, 1)
    beyond: Real = values - mean[of_week]
    return beyond
