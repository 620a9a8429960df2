"""Growth of a cumulative series, in whatever order its points arrive and however often.

The start time is part of a series' identity, so a restarted process begins a new series at 0.
"""

from typing import NamedTuple

from schema.retention import SERIES_RETENTION

_RETENTION_NANOSECONDS = int(SERIES_RETENTION.total_seconds()) * 1_000_000_000


class Series(NamedTuple):
    """The last value of a series, and its time in nanoseconds."""

    value: int
    moment: int


def grow(known: Series | None, point: Series, start: int, now: int) -> tuple[Series, int]:
    """Return the series after a point, and the tokens that the point adds. `start` is 0 if unknown; nanoseconds.

    A new series adds its whole value, unless it started before the retention of series: it may have been counted
    and deleted already. A lower value at a later time comes from a process that restarted without a new start time,
    and adds its whole value. Any other lower value, and a higher value for an earlier time, is a late point and adds 0.
    """
    if known is None:
        is_old = 0 < start < now - _RETENTION_NANOSECONDS
        return point, 0 if is_old else point.value
    if point.value == known.value or point.moment < known.moment:
        return known, 0
    if point.value > known.value:
        return point, point.value - known.value
    return (point, point.value) if point.moment > known.moment else (known, 0)
