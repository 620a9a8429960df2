"""A fake Cursor Admin API with usage events: pages, days, a key, a limit per minute, and unusable answers."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.harness.answering import Answer, ReceivedRequest, answering

KEY = "key_0123456789abcdef"


@dataclass
class Cursor:
    """The URL, its events, the requests received, the answers to give first, and the page size."""

    url: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    first_answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    page_limit: int = 2

    def happen(self, at: datetime, mail: str | None, tokens: dict[str, int] | None, model: str = "gpt-5") -> None:
        """Add an event as Cursor reports it, including personal data."""
        event: dict[str, Any] = {
            "timestamp": str(int(at.timestamp() * 1000)),
            "model": model,
            "kind": "Usage-based",
            "maxMode": True,
            "requestsCosts": 1.4,
            "isTokenBasedCall": tokens is not None,
            "isFreeBugbot": False,
            "conversationId": "CANARY-conversation",
            "serviceAccountName": "CANARY robot",
        }
        if tokens is not None:
            event["tokenUsage"] = {**tokens, "totalCents": 20.18232}
        if mail is not None:
            event["userEmail"] = mail
        self.events.append(event)

    def answer(self, path: str, key: str, body: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        """Return the API's response to one request."""
        self.requests.append(body)
        if self.first_answers:
            return self.first_answers.pop(0)
        if key != f"Basic {base64.b64encode(f'{KEY}:'.encode()).decode()}":
            return 401, {}, b'{"error": "CANARY: unknown key"}'
        if path != "/teams/filtered-usage-events":
            return 404, {}, b"{}"
        found = [event for event in self.events if body["startDate"] <= int(event["timestamp"]) <= body["endDate"]]
        size = min(body["pageSize"], self.page_limit)
        begins = (body["page"] - 1) * size
        reported = {
            "totalUsageEventsCount": len(found),
            "pagination": {"currentPage": body["page"], "hasNextPage": begins + size < len(found)},
            "usageEvents": found[begins : begins + size],
            "period": {"startDate": body["startDate"], "endDate": body["endDate"]},
        }
        return 200, {}, json.dumps(reported).encode()


@contextmanager
def cursor_api() -> Iterator[Cursor]:
    """Run the API on a local port."""
    state = Cursor()

    def answer(request: ReceivedRequest) -> Answer:
        return state.answer(request.target, request.headers.get("Authorization", ""), json.loads(request.body))

    with answering(answer) as state.url:
        yield state
