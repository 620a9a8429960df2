"""Sums over many teams, kept for a minute, because they take longer to read than the rest of a page."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

Found = TypeVar("Found")

KEPT_SECONDS = 60.0
MOST_KEPT = 256
# With fewer teams, everything is read again each time, so that new data shows at once.
MANY_TEAMS = 60


class RecentReads:
    """A cache of what was read, by organization and question; entries expire after KEPT_SECONDS."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[object, ...], tuple[float, object]] = OrderedDict()

    async def read(self, question: tuple[object, ...], read: Callable[[], Awaitable[Found]]) -> Found:
        """Return what was read for this question lately, else read it. The question begins with the organization."""
        kept = self._kept.get(question)
        if kept is not None and kept[0] > self._clock():
            return cast("Found", kept[1])
        found = await read()
        self._kept[question] = self._clock() + KEPT_SECONDS, found
        self._kept.move_to_end(question)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return found
