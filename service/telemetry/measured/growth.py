"""What a cumulative series has grown by, however its points are ordered and repeated.

A series is one process's: its start is part of what it is, so a restart begins another one at nothing.
"""

from typing import NamedTuple

from schema import remembered

_REMEMBERED_NANOSECONDS = int(remembered.SERIES.total_seconds()) * 1_000_000_000


class Series(NamedTuple):
    """The last value, and its time in nanoseconds."""

    value: int
    moment: int


def grow(known: Series | None, point: Series, start: int, now: int) -> tuple[Series, int]:
    """The series after a point, and the tokens that it adds. `start` is 0 where not told; times are nanoseconds.

    A series not known adds its whole value, all since its start; but one that started longer ago than any is
    remembered may have been counted before, and is only noted. A lower value is a late point and adds nothing, or, told
    for a later time, that of a process that began anew without saying so; a higher one from before that adds nothing.
    """
    if known is None:
        is_old = 0 < start < now - _REMEMBERED_NANOSECONDS
        return point, 0 if is_old else point.value
    if point.value == known.value or point.moment < known.moment:
        return known, 0
    if point.value > known.value:
        return point, point.value - known.value
    return (point, point.value) if point.moment > known.moment else (known, 0)
