"""What each event adds, given what every signal has reported."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from service.http.event_packing import EventRow
from service.telemetry.measured.replacements import DETAIL, Replacements
from service.telemetry.measured.taken_back import TakenBack
from service.telemetry.measured.tallies import add_tokens, raised_by
from service.telemetry.measured.tally_rows import Tally
from service.telemetry.reading.normalised import TokenSignal
from vocabulary.tokens import TokenCounts


class Counted(NamedTuple):
    """An event as one signal reports it, and the index of the request.

    A `replaceable` one is withdrawn as soon as a more detailed signal reports it. One `in_full` counts in any case.
    One that `is_superseded` by an import only shows what less detailed signals repeat.
    """

    request: int
    tally: bytes
    signal: TokenSignal
    event: EventRow
    replaceable: bool = False
    in_full: bool = False
    is_superseded: bool = False


class Additions:
    """The events that each request adds, and those of them that a more detailed signal may replace."""

    def __init__(
        self, requests: int, tallies: dict[bytes, Tally], taken_back: TakenBack, replacements: Replacements
    ) -> None:
        self.events: list[list[EventRow]] = [[] for _ in range(requests)]
        self.replaceable: list[tuple[bytes, bytes, TokenSignal]] = []
        self._tallies = tallies
        self._taken_back = taken_back
        self._replacements = replacements

    def add_all(self, counted: Iterable[Counted]) -> None:
        """Add what is new of each event."""
        for each in counted:
            self.add(each)

    def add(self, each: Counted) -> None:
        """Add what is new of an event to its request and its tally."""
        tokens = TokenCounts() if each.event.only_failed else self._count(each)
        if (tokens.total or each.event.failed) and not each.is_superseded:
            self.events[each.request].append(each.event._replace(tokens=tokens))
            if each.replaceable and tokens.total:
                self.replaceable.append((each.event.event_id, each.tally, each.signal))

    def _count(self, each: Counted) -> TokenCounts:
        tally, event = self._tallies[each.tally], each.event
        rest = self._taken_back.rest(each.tally, event)
        tally[each.signal], new = add_tokens(tally, each.signal, rest, event.occurred_at)
        tokens = self._replacements.replaced(each.tally, each.signal, event, new.plus(event.tokens.minus(rest)))
        if not each.in_full or tokens == event.tokens:
            return tokens
        tally[each.signal] = raised_by(tally, each.signal, event.tokens.minus(tokens))
        return event.tokens


def may_replace(counted: Counted, tallies: Mapping[bytes, Tally]) -> bool:
    """Return whether a less detailed signal has reported more than this one so far."""
    tally = tallies[counted.tally]
    own, *less = (tally[signal] for signal in DETAIL[DETAIL.index(counted.signal) :])
    return any(other.input > own.input or other.output > own.output for other in less)


def tallies_of(counted: Sequence[Counted], tallies: Mapping[bytes, Tally]) -> dict[bytes, Tally]:
    """Return the tallies that these events change."""
    return {each.tally: tallies[each.tally] for each in counted}
