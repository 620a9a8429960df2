"""How strongly a pull request was worked on in an hour, told by its activity.

Before each activity the weight falls off as exp(-(activity - t) / τ) with τ = 1 h: tokens are spent on what is about to
be pushed. After it a weaker term stands for work that goes on. Both are integrated over the hour. A pull request
that is open with no activity near keeps a small floor, so that quiet work is not taken for nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import exp

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
