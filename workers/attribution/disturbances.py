"""What disturbs a team's estimates, so that sums and intervals mean less than usual."""

from typing import NamedTuple

import numpy as np

from vocabulary.intervals import Doubt
from workers.attribution.claims import by_hour
from workers.attribution.kernels.kernel import Activity
from workers.attribution.kernels.kernel_choice import closeness_of
from workers.attribution.linkedness import linkedness
from workers.attribution.methods import Method
from workers.attribution.shares import Work, kernel_choice, tokens_by_hour

# Fewer hours with linked tokens than this do not determine how much of the tokens is exploration.
ENOUGH_HOURS = 100
# An hour with a larger part of the tokens is a burst, if there are not only a few hours.
BURST, FEWEST_HOURS = 0.1, 30
# Linked days of one pull request correlate this much where people differ in whether they link.
NOT_RANDOM = 0.2
# Links are never sure: at least this part of linked tokens may be wrong; for each that is contradicted, others are not
# seen; and at most this part.
LEAST_WRONG, UNSEEN_WRONG, MOST_WRONG = 0.02, 3.0, 0.5
# Work on a pull request begins at most so many hours before its first activity.
EARLY = 72.0


class Disturbances(NamedTuple):
    """What disturbs a team, how closely its activity follows its tokens, and the part of the tokens in one hour.

    `direct_error` is the part of linked tokens that may be linked wrongly or missing.
    """

    doubts: tuple[Doubt, ...] = (Doubt.EXPLORATION_ASSUMED,)
    closeness: float | None = None
    burst: float = 0.0
    direct_error: float = LEAST_WRONG


def disturbances(work: Work, method: Method) -> Disturbances:
    """Return what disturbs the estimates of a team in the hours of its windows."""
    hours = np.concatenate([work.cells.hour, work.linked.hour, work.explored.hour])
    if not len(hours):
        return Disturbances()
    first, last = int(hours.min()), int(hours.max()) + 1
    tokens = tokens_by_hour(work, first, last)
    activities = [by_hour(kernel.activity_in(work.lives, first, last)) for kernel in method.kernels]
    place = kernel_choice(work, activities, first, last).place
    burst = float(tokens.max() / max(1.0, tokens.sum()))
    found = {
        Doubt.EXPLORATION_ASSUMED: _linked_hours(work) < ENOUGH_HOURS,
        Doubt.LINKS_NOT_RANDOM: _correlation(work, activities[0]) > NOT_RANDOM,
        Doubt.ACTIVITY_LAGS: place > 0,
        Doubt.ONE_BURST: burst > BURST and np.count_nonzero(tokens) >= FEWEST_HOURS,
    }
    doubts = tuple(doubt for doubt in Doubt if found.get(doubt))
    return Disturbances(doubts, closeness_of(activities[place], tokens, first), burst, _direct_error(work))


def _direct_error(work: Work) -> float:
    """Return the part of linked tokens that may be wrong, from links that their pull request's life contradicts.

    A stale stamp names a pull request that is over, or one that nobody works on yet. Most stale stamps are within a
    life, where nothing contradicts them.
    """
    lives, linked = work.lives, work.linked
    begins = np.full(len(lives.opened), np.inf)
    np.minimum.at(begins, lives.activity_of, lives.activity)
    of = linked.pull_request
    outside = (linked.hour > lives.ended[of]) | (linked.hour + 1 < begins[of] - EARLY)
    contradicted = float(linked.tokens[outside].sum() / max(1.0, linked.tokens.sum()))
    return min(LEAST_WRONG + UNSEEN_WRONG * contradicted, MOST_WRONG)


def _linked_hours(work: Work) -> int:
    return len(np.union1d(work.linked.hour, work.explored.hour))


def _correlation(work: Work, activity: Activity) -> float:
    known, pooled = work.linked.tokens.sum(), work.cells.tokens.sum()
    share = float(known / (known + pooled)) if known else 0.0
    return linkedness(activity, work.linked.pull_request, work.linked.hour, len(work.lives.opened), share).correlation
