"""Pairs what two layers tell alike: one to one, as many as there can be, and of those the nearest in time.

The pairs are computed from all tellings together, so that it does not matter in which order they arrived. Nearest
first would not do: where one clock is late, the nearest telling is often that of another request, and both ends of a
row would stay without a partner and count twice.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from workers.layers.reports import RequestReport

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
# One more pair outweighs any distance. As many rows and columns as keep that within 64 bits, and in little memory; so
# many requests that are all alike are paired in their order, which nothing tells apart from another.
PAIR: Final = 2**50
MAXIMUM_CELLS: Final = 2**22
NEVER: Final = -(2**62)

Pair = tuple[RequestReport, RequestReport]


def pair(counted: Sequence[RequestReport], copies: Sequence[RequestReport], reach: timedelta) -> list[Pair]:
    """Pairs of a counted telling and its copy, none further apart than the reach; each occurs once at most."""
    if len(counted) == len(copies) == 1:
        return _alone(counted[0], copies[0], reach)
    counted, copies = sorted(counted, key=_by_time), sorted(copies, key=_by_time)
    if len(counted) * len(copies) > MAXIMUM_CELLS:
        return _in_order(counted, copies, reach)
    scores = _scores(_gains(counted, copies, reach))
    return _trace(counted, copies, scores)


def _alone(counted: RequestReport, copy: RequestReport, reach: timedelta) -> list[Pair]:
    """What nearly all pairs are: each side has one telling like it."""
    is_near = abs(counted.occurred_at - copy.occurred_at) <= reach
    families = counted.family, copy.family
    return [(counted, copy)] if is_near and (families[0] == families[1] or not all(families)) else []


def _by_time(reported: RequestReport) -> tuple[datetime, bytes]:
    return reported.occurred_at, reported.event_id


def _gains(counted: Sequence[RequestReport], copies: Sequence[RequestReport], reach: timedelta) -> "np.ndarray":
    """What each possible pair is worth: more the nearer, and nothing at all beyond the reach or of other models."""
    distance = np.abs(np.subtract.outer(_times(counted), _times(copies)))
    families = sorted({reported.family for reported in (*counted, *copies)} | {""})
    one, other = (np.array([families.index(reported.family) for reported in side]) for side in (counted, copies))
    may_be_one = (one[:, None] == other) | (one[:, None] == 0) | (other == 0)
    return np.where((distance <= reach // MICROSECOND) & may_be_one, PAIR - distance, NEVER)


def _times(side: Sequence[RequestReport]) -> "np.ndarray":
    return np.array([(reported.occurred_at - EPOCH) // MICROSECOND for reported in side], dtype=np.int64)


def _scores(gains: "np.ndarray") -> "np.ndarray":
    """The worth of the best pairs of the first so many of one side and the first so many of the other.

    Pairs that do not cross are enough: of two that do, the ends can be exchanged without any distance growing.
    """
    scores = np.zeros((gains.shape[0] + 1, gains.shape[1] + 1), dtype=np.int64)
    for row, gain in enumerate(gains, start=1):
        before = scores[row - 1]
        scores[row, 1:] = np.maximum.accumulate(np.maximum(before[1:], before[:-1] + gain))
    return scores


def _trace(counted: Sequence[RequestReport], copies: Sequence[RequestReport], scores: "np.ndarray") -> list[Pair]:
    pairs = []
    row, column = len(counted), len(copies)
    while row and column:
        if scores[row, column] == scores[row - 1, column]:
            row -= 1
        elif scores[row, column] == scores[row, column - 1]:
            column -= 1
        else:
            row, column = row - 1, column - 1
            pairs.append((counted[row], copies[column]))
    return pairs


def _in_order(counted: Sequence[RequestReport], copies: Sequence[RequestReport], reach: timedelta) -> list[Pair]:
    pairs = []
    row = column = 0
    while row < len(counted) and column < len(copies):
        apart = copies[column].occurred_at - counted[row].occurred_at
        if abs(apart) <= reach:
            pairs.append((counted[row], copies[column]))
        row, column = row + (apart >= -reach), column + (apart <= reach)
    return pairs
