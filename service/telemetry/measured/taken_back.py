"""Tokens that are withdrawn because an import reports them better: in a tally, the import takes their place."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from schema.vocabulary.tokens import TokenCounts
from service.http.event_packing import EventRow
from service.telemetry.measured.tallies import cut


class TakenBack:
    """Input and output of each session that withdrawals of this transaction took back, and imports replace."""

    def __init__(self, corrections: Iterable[Sequence[tuple[int, EventRow]]]) -> None:
        self._left: defaultdict[bytes, list[int]] = defaultdict(lambda: [0, 0])
        for rows in corrections:
            for _, row in rows:
                if row.session:
                    self._left[row.session][0] -= sum(row.tokens[:3])
                    self._left[row.session][1] -= sum(row.tokens[3:])

    def rest(self, tally: bytes, event: EventRow) -> TokenCounts:
        """Return the tokens of an event that add to its tally; the others replace what was withdrawn."""
        if not event.remembered or tally not in self._left:
            return event.tokens
        left = self._left[tally]
        given, answered = sum(event.tokens[:3]), sum(event.tokens[3:])
        old_input, old_output = min(left[0], given), min(left[1], answered)
        left[0], left[1] = left[0] - old_input, left[1] - old_output
        return cut(event.tokens, given - old_input, answered - old_output)
