"""Sums single requests by hour, team and model, so that a report of any length needs little memory."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from operator import add

from vocabulary.charges import BILLED_KINDS, billed_tokens
from vocabulary.tokens import MAXIMUM_TOKENS, TOKEN_KINDS, TokenCounts
from workers.providers.client import UnreadableError
from workers.providers.reports import HourTokens, UsageCount, report_model, whole_hour

LONGEST_MODEL = 200


@dataclass(slots=True)
class _Sum:
    tokens: list[int] = field(default_factory=lambda: [0] * len(TOKEN_KINDS))
    requests: int = 0


class HourSums:
    """Running sums of requests."""

    def __init__(self) -> None:
        self._sums: defaultdict[tuple[datetime, int | None, str], _Sum] = defaultdict(_Sum)

    def add(self, instant: datetime, team_id: int | None, model: str, tokens: TokenCounts) -> None:
        """Add a request; raises UnreadableError, and adds nothing, when its hour had impossibly many tokens then."""
        known = self._sums[whole_hour(instant), team_id, model[:LONGEST_MODEL]]
        summed = list(map(add, known.tokens, tokens))
        if max(summed) > MAXIMUM_TOKENS:
            raise UnreadableError("reports more tokens than possible")
        known.tokens = summed
        known.requests += 1

    def by_hour(self) -> list[HourTokens]:
        """Return the sums by hour."""
        return [
            HourTokens(hour, team_id, model, TokenCounts._make(known.tokens), known.requests)
            for (hour, team_id, model), known in self._sums.items()
            if known.requests
        ]

    def by_day(self) -> list[UsageCount]:
        """Return the sums by day, model and billed kind."""
        return [
            UsageCount(each.hour.date(), report_model(each.model), kind, count)
            for each in self.by_hour()
            for kind, count in zip(BILLED_KINDS, billed_tokens(each.tokens), strict=True)
            if count
        ]
