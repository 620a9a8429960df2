"""Stored events made from metrics, and which of their tokens a better report has not replaced yet. Pure.

An event that has nothing left is passed over in constant time, so that 100,000 reports meet 100,000 stored events in
seconds.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec import Struct

from service.http.event_packing import EventRow
from service.telemetry.reading.normalised import TokenSignal
from vocabulary.tokens import TokenCounts

# Exports are seldom further apart than this, and a metric comes after its spans ended.
REACH = timedelta(hours=1)


class Standing(Struct):
    """A stored event made from a metric, and which of its tokens no better report has replaced yet."""

    team_id: int
    row: EventRow
    signal: TokenSignal
    left: TokenCounts


def has_input(standing: Standing) -> bool:
    """Return whether any of the input tokens is left."""
    return any(standing.left[:3])


def has_output(standing: Standing) -> bool:
    """Return whether any of the output tokens is left."""
    return any(standing.left[3:])


class InTime:
    """Events in the order of their time, of which those with nothing left on one side are skipped for good."""

    def __init__(self, standing: Sequence[Standing], is_left: Callable[[Standing], bool]) -> None:
        self._standing = standing
        self._times = [each.row.occurred_at for each in standing]
        self._is_left = is_left
        # The first place from here on that may have something left.
        self._next = list(range(len(standing) + 1))

    def near(self, moment: datetime) -> Iterator[Standing]:
        """Yield the events within REACH of a moment that have something left."""
        place = self._from(bisect_left(self._times, moment - REACH))
        while place < len(self._standing) and self._times[place] <= moment + REACH:
            yield self._standing[place]
            place = self._from(place + 1 if self._is_left(self._standing[place]) else place)

    def _from(self, place: int) -> int:
        """Return the first place from this one on that has something left."""
        found = place
        while found < len(self._standing):
            if self._next[found] != found:
                found = self._next[found]
            elif self._is_left(self._standing[found]):
                break
            else:
                self._next[found] = found + 1
        while place < found:
            place, self._next[place] = self._next[place], found
        return found


class Side(NamedTuple):
    """Events of some signals that have something left on one side: all in time, and those of each model."""

    all: InTime
    by_model: dict[str, InTime]

    def near(self, event: EventRow) -> Iterator[Standing]:
        """Yield the events near in time that have something left, those of the same model first."""
        if event.model in self.by_model:
            yield from self.by_model[event.model].near(event.occurred_at)
        for each in self.all.near(event.occurred_at):
            if each.row.model != event.model:
                yield each


class StandingEvents:
    """The stored events of one tally."""

    def __init__(self, standing: Sequence[Standing]) -> None:
        """Take events in the order of their time."""
        self.all = standing
        self._sides: dict[tuple[Sequence[TokenSignal], Callable[[Standing], bool]], Side] = {}

    def side(self, signals: Sequence[TokenSignal], is_left: Callable[[Standing], bool]) -> Side:
        """Return the events of these signals, input or output."""
        if (signals, is_left) not in self._sides:
            chosen = [each for each in self.all if each.signal in signals]
            by_model: defaultdict[str, list[Standing]] = defaultdict(list)
            for each in chosen:
                by_model[each.row.model].append(each)
            models = {model: InTime(events, is_left) for model, events in by_model.items()}
            self._sides[signals, is_left] = Side(InTime(chosen, is_left), models)
        return self._sides[signals, is_left]
