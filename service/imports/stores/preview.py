"""What an import would send: sessions, days, requests, tokens and money."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from service.imports.stores.list_rates import list_cost
from vocabulary.tokens import TokenCounts, usd_text


@dataclass
class Preview:
    """Sums of requests. `cost` is in nano-USD at list prices, of the requests whose model has one."""

    requests: int = 0
    tokens: TokenCounts = field(default_factory=TokenCounts)
    cost: int = 0
    without_price: int = 0
    sessions: set[str] = field(default_factory=set)
    days: set[date] = field(default_factory=set)

    def add(self, session: str | None, occurred_at: datetime, model: str, provider: str, tokens: TokenCounts) -> None:
        """Count one request."""
        self.requests += 1
        self.tokens = self.tokens.plus(tokens)
        self.days.add(occurred_at.astimezone(UTC).date())
        if session:
            self.sessions.add(session)
        cost = list_cost(model, provider, tokens)
        if cost is None:
            self.without_price += 1
        else:
            self.cost += cost

    def summary(self) -> dict[str, Any]:
        """Return the sums as JSON."""
        return {
            "sessions": len(self.sessions),
            "days": len(self.days),
            "token_events": self.requests,
            "tokens": {**self.tokens._asdict(), "total": self.tokens.total},
            "list_cost_usd": usd_text(self.cost),
            "without_list_price": self.without_price,
        }
