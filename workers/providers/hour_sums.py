"""Requests told one by one, summed by hour, team and model, so that a report of any length takes little room."""

from collections import defaultdict
from datetime import datetime

from schema.charges import BILLED_KINDS, billed_tokens
from schema.contracts.token_event import MAXIMUM_TOKENS
from schema.tokens import TokenCounts
from workers.providers.client import UnreadableError
from workers.providers.reports import Counted, HourTokens, report_model, whole_hour

LONGEST_MODEL = 200


class HourSums:
    """Sums that grow with every request added."""

    def __init__(self) -> None:
        self._sums: defaultdict[tuple[datetime, int | None, str], list[int]] = defaultdict(lambda: [0] * 6)

    def add(self, instant: datetime, team_id: int | None, model: str, tokens: TokenCounts) -> None:
        """Count one request; raises UnreadableError when an hour has more tokens than there can be."""
        sums = self._sums[whole_hour(instant), team_id, model[:LONGEST_MODEL]]
        for place, count in enumerate((*tokens, 1)):
            sums[place] += count
        if max(sums) > MAXIMUM_TOKENS:
            raise UnreadableError("reports more tokens than possible")

    def by_hour(self) -> list[HourTokens]:
        """The sums."""
        return [
            HourTokens(hour, team_id, model, TokenCounts(*sums[:5]), sums[5])
            for (hour, team_id, model), sums in self._sums.items()
        ]

    def by_day(self) -> list[Counted]:
        """The same by day, model and kind as bills tell them."""
        return [
            Counted(reported.hour.date(), report_model(reported.model), kind, count)
            for reported in self.by_hour()
            for kind, count in zip(BILLED_KINDS, billed_tokens(reported.tokens), strict=True)
            if count
        ]
