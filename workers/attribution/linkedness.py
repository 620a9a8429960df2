"""The linked share of each pull request: links are not missing at random where some people link and others never do.

A pull request's days of work are linked or not. If links were missing at random, they would vary between pull requests
like draws of a coin; how much more they vary is the correlation between days of one pull request, estimated by moments.
The share of each pull request is the mean of the beta distribution that its days leave, drawn towards the
team's share: fully without correlation, hardly with a strong one (Skellam 1948, J. R. Stat. Soc. B 10). It
needs no person.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.attribution.kernels.kernel import Activity
from workers.attribution.window_columns import HOURS_A_DAY

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

# An hour with at least this activity makes its day a day of work.
AT_WORK = 0.3
# Pull requests by hand, and dear ones with more sessions a day, vary that much where links are missing at random.
AT_RANDOM = 0.15
# Days' worth of the team's share that counts at least.
WEAKEST = 0.1
# No share is certain: the next day may be another's.
LEAST, MOST = 0.02, 0.98


class Linkedness(NamedTuple):
    """The linked share of tokens (pull requests,), and the correlation between days beyond chance, 0 to 1."""

    share: Real
    correlation: float


def linkedness(
    activity: Activity, linked_pull_request: Whole, linked_hour: Whole, pull_requests: int, linked_share: float
) -> Linkedness:
    """Estimate linked shares from the days of work that are linked; `linked_share` is the team's, of tokens."""
    same = np.full(pull_requests, linked_share)
    if not 0 < linked_share < 1:
        return Linkedness(same, 0.0)
    at_work = activity.weight >= AT_WORK
    days, linked_days = _days(
        *(activity.pull_request[at_work], activity.hour[at_work], linked_pull_request, linked_hour, pull_requests)
    )
    team = linked_days.sum() / max(1, days.sum())
    correlation = _correlation(days, linked_days, team)
    beyond = max(0.0, correlation - AT_RANDOM) / (1 - AT_RANDOM)
    if not beyond or not 0 < team < 1:
        return Linkedness(same, beyond)
    strength = max((1 - beyond) / beyond, WEAKEST)
    own = np.clip((linked_days + strength * team) / (days + strength), LEAST, MOST)
    odds = linked_share / (1 - linked_share) * (own / (1 - own)) / (team / (1 - team))
    return Linkedness(odds / (1 + odds), beyond)


def _days(at_work: Whole, hour: Whole, linked: Whole, linked_hour: Whole, count: int) -> tuple[Real, Real]:
    """Return the days of work (pull requests,) and how many of them are linked (pull requests,)."""
    first = min(hour.min(initial=0), linked_hour.min(initial=0)) // HOURS_A_DAY
    span = int(max(hour.max(initial=0), linked_hour.max(initial=0)) // HOURS_A_DAY - first) + 1
    with_links = np.unique(linked * span + linked_hour // HOURS_A_DAY - first)
    worked = np.union1d(np.unique(at_work * span + hour // HOURS_A_DAY - first), with_links)
    counted = (np.bincount(each // span, minlength=count).astype(np.float64) for each in (worked, with_links))
    days, linked_days = counted
    return days, linked_days


def _correlation(days: Real, linked: Real, team: float) -> float:
    """Return the correlation between two days of a pull request, by moments; 0 without pairs of days."""
    pairs = float((days * (days - 1)).sum())
    chance = team * (1 - team)
    if not pairs or not chance:
        return 0.0
    excess = float(((linked - days * team) ** 2).sum() - chance * days.sum())
    return min(max(excess / (chance * pairs), 0.0), 1.0)
