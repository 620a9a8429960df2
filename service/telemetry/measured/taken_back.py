"""Tokens that are withdrawn because a better report has come: in a tally, that report takes their place."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from service.http.event_packing import EventRow
from service.telemetry.measured.tallies import cut
from vocabulary.tokens import TokenCounts


class TakenBack:
    """Input and output of each tally that withdrawals of this transaction took back, and better reports replace."""

    def __init__(self, corrections: Iterable[Sequence[tuple[int, EventRow]]]) -> None:
        self._left: defaultdict[bytes, list[int]] = defaultdict(lambda: [0, 0])
        for rows in corrections:
            for _, row in rows:
                if row.session:
                    self.add(row.session, row.tokens)

    def add(self, tally: bytes, withdrawn: TokenCounts) -> None:
        """Add a withdrawal, whose counts are negative."""
        self._left[tally][0] -= sum(withdrawn[:3])
        self._left[tally][1] -= sum(withdrawn[3:])

    def rest(self, tally: bytes, event: EventRow) -> TokenCounts:
        """Return the tokens of an event that add to its tally; the others replace what was withdrawn."""
        if tally not in self._left:
            return event.tokens
        left = self._left[tally]
        given, answered = sum(event.tokens[:3]), sum(event.tokens[3:])
        old_input, old_output = min(left[0], given), min(left[1], answered)
        left[0], left[1] = left[0] - old_input, left[1] - old_output
        return cut(event.tokens, given - old_input, answered - old_output)
