"""A webhook at a fake GitHub: what it sent, what became of it, and sending it again.

GitHub tries once. A delivery that failed stays in the list until somebody asks for it again; then it has another id and
the same GUID.
"""

import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github_state import written
from tests.harness.told import Delivery
from tests.harness.webhooks import github_signature

PATIENCE_SECONDS = 10.0
ACCEPTED = range(200, 300)


@dataclass(frozen=True)
class Attempt:
    """One try; a `status_code` of 0 is that nobody answered."""

    number: int
    guid: str
    delivery: Delivery
    at: datetime
    status_code: int
    is_redelivery: bool

    def listed(self) -> dict[str, Any]:
        """As GitHub lists it."""
        status = {0: "failed to connect to host"}.get(self.status_code, "OK")
        return {
            "id": self.number,
            "guid": self.guid,
            "delivered_at": written(self.at),
            "redelivery": self.is_redelivery,
            "duration": 0.1,
            "status": status if self.status_code in {0, *ACCEPTED} else "Invalid HTTP Response",
            "status_code": self.status_code,
            "event": self.delivery.event,
            "action": self.delivery.payload.get("action"),
            "installation_id": self.delivery.payload.get("installation", {}).get("id"),
            "repository_id": self.delivery.payload.get("repository", {}).get("id"),
        }


@dataclass
class Hook:
    """Sends to `url`; while `is_cut_off` nothing that it sends arrives.

    `owner` is where it is in the API, such as `repos/octo/shop`, `orgs/octo` or `app`.
    """

    number: int
    url: str
    secret: str
    clock: QuickClock
    is_cut_off: bool = False
    attempts: list[Attempt] = field(default_factory=list)
    owner: str = "repos/octo/shop"
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, delivery: Delivery) -> Attempt:
        """Tell of something new."""
        return self._try(str(uuid.uuid4()), delivery, is_redelivery=False)

    def shown(self) -> dict[str, Any]:
        """As GitHub shows it to who administers its owner."""
        config = {"url": self.url, "content_type": "json", "insecure_ssl": "0", "secret": "********"}
        return {"id": self.number, "name": "web", "active": True, "events": ["*"], "config": config}

    def page(self, size: int, cursor: str | None) -> tuple[list[Attempt], str | None]:
        """Attempts, newest first, and the cursor of those that follow."""
        left = [each for each in self.attempts[::-1] if cursor is None or each.number < int(cursor)]
        return left[:size], str(left[size - 1].number) if len(left) > size else None

    def send_again(self, number: int) -> Attempt:
        """Try a delivery once more, under its GUID."""
        before = next(each for each in self.attempts if each.number == number)
        return self._try(before.guid, before.delivery, is_redelivery=True)

    def _try(self, guid: str, delivery: Delivery, *, is_redelivery: bool) -> Attempt:
        code = 0 if self.is_cut_off else self._post(guid, delivery)
        made = Attempt(len(self.attempts) + 1, guid, delivery, self.clock.now(), code, is_redelivery)
        self.attempts.append(made)
        return made

    def _post(self, guid: str, delivery: Delivery) -> int:
        body = json.dumps(delivery.payload).encode()
        headers = {
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Delivery": guid,
            "X-GitHub-Hook-ID": str(self.number),
            "X-Hub-Signature-256": github_signature(self.secret, body),
            **self.headers,
        }
        try:
            return httpx.post(self.url, content=body, headers=headers, timeout=PATIENCE_SECONDS).status_code
        except httpx.TransportError:
            return 0
