"""Sums single requests by hour, team and model, so that a report of any length needs little memory."""

from collections import defaultdict
from datetime import datetime

from schema.charges import BILLED_KINDS, billed_tokens
from schema.contracts.token_event import MAXIMUM_TOKENS
from schema.tokens import TokenCounts
from workers.providers.client import UnreadableError
from workers.providers.reports import HourTokens, UsageCount, report_model, whole_hour

LONGEST_MODEL = 200


class HourSums:
    """Running sums of requests."""

    def __init__(self) -> None:
        self._sums: defaultdict[tuple[datetime, int | None, str], list[int]] = defaultdict(lambda: [0] * 6)

    def add(self, instant: datetime, team_id: int | None, model: str, tokens: TokenCounts) -> None:
        """Add a request; raises UnreadableError when an hour has impossibly many tokens."""
        sums = self._sums[whole_hour(instant), team_id, model[:LONGEST_MODEL]]
        for place, count in enumerate((*tokens, 1)):
            sums[place] += count
        if max(sums) > MAXIMUM_TOKENS:
            raise UnreadableError("reports more tokens than possible")

    def by_hour(self) -> list[HourTokens]:
        """Return the sums by hour."""
        return [
            HourTokens(hour, team_id, model, TokenCounts(*sums[:5]), sums[5])
            for (hour, team_id, model), sums in self._sums.items()
        ]

    def by_day(self) -> list[UsageCount]:
        """Return the sums by day, model and billed kind."""
        return [
            UsageCount(each.hour.date(), report_model(each.model), kind, count)
            for each in self.by_hour()
            for kind, count in zip(BILLED_KINDS, billed_tokens(each.tokens), strict=True)
            if count
        ]
