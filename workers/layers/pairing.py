"""Pairs matching reports of two layers: one to one, as many as possible, and then the nearest in time.

All reports are paired together, so that their order of arrival does not matter. Pairing nearest first would fail: with
one late clock, the nearest report often belongs to another request, and both ends of a row would count twice.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from workers.layers.reports import RequestReport

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
# One more pair outweighs any distance. The cell limit keeps scores within 64 bits and memory small; more requests
# that all match are paired in order, which gives the same result as any other pairing.
PAIR: Final = 2**50
MAXIMUM_CELLS: Final = 2**22
NEVER: Final = -(2**62)

Pair = tuple[RequestReport, RequestReport]


def pair(counted: Sequence[RequestReport], copies: Sequence[RequestReport], reach: timedelta) -> list[Pair]:
    """Return pairs of a counted report and its copy, at most `reach` apart; each report occurs at most once."""
    if len(counted) == len(copies) == 1:
        return _pair_single(counted[0], copies[0], reach)
    counted, copies = sorted(counted, key=_by_time), sorted(copies, key=_by_time)
    if len(counted) * len(copies) > MAXIMUM_CELLS:
        return _in_order(counted, copies, reach)
    scores = _scores(_gains(counted, copies, reach))
    return _trace(counted, copies, scores)


def _pair_single(counted: RequestReport, copy: RequestReport, reach: timedelta) -> list[Pair]:
    """Pair two single reports, the usual case."""
    is_near = abs(counted.occurred_at - copy.occurred_at) <= reach
    one, other = counted.family, copy.family
    return [(counted, copy)] if is_near and (one == other or not one or not other) else []


def _by_time(report: RequestReport) -> tuple[datetime, bytes]:
    return report.occurred_at, report.event_id


def _gains(counted: Sequence[RequestReport], copies: Sequence[RequestReport], reach: timedelta) -> "np.ndarray":
    """Return the value of each possible pair: higher when nearer, `NEVER` beyond the reach or for other models."""
    distance = np.abs(np.subtract.outer(_times(counted), _times(copies)))
    families = sorted({report.family for report in (*counted, *copies)} | {""})
    one, other = (np.array([families.index(report.family) for report in side]) for side in (counted, copies))
    may_be_one = (one[:, None] == other) | (one[:, None] == 0) | (other == 0)
    return np.where((distance <= reach // MICROSECOND) & may_be_one, PAIR - distance, NEVER)


def _times(side: Sequence[RequestReport]) -> "np.ndarray":
    return np.array([(report.occurred_at - EPOCH) // MICROSECOND for report in side], dtype=np.int64)


def _scores(gains: "np.ndarray") -> "np.ndarray":
    """Return the best total value for every prefix of one side with every prefix of the other.

    Pairs that do not cross suffice: swapping the ends of two crossing pairs never increases a distance.
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
