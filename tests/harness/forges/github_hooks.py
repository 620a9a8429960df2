"""A webhook at a fake GitHub: its deliveries, their attempts, and redelivery.

GitHub tries once. A failed delivery stays in the list. A redelivery has a new id and the same GUID.
"""

import json
import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from tests.harness.bodies import Delivery
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github_state import written
from tests.harness.forges.github_whole import API
from tests.harness.webhooks import github_signature

PATIENCE_SECONDS = 10.0
_NOTHING_YET = {"code": None, "status": "unused", "message": None}
ACCEPTED = range(200, 300)


@dataclass(frozen=True)
class Attempt:
    """One attempt; a `status_code` of 0 means no response."""

    number: int
    guid: str
    delivery: Delivery
    at: datetime
    status_code: int
    is_redelivery: bool

    def listed(self) -> dict[str, Any]:
        """Return the attempt as GitHub lists it."""
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
    """Sends to `url`; while `is_cut_off` nothing arrives.

    `owner` is its path in the API, such as `repos/octo/shop`, `orgs/octo` or `app`.
    """

    number: int
    url: str
    secret: str
    clock: QuickClock
    is_cut_off: bool = False
    attempts: list[Attempt] = field(default_factory=list)
    owner: str = "repos/octo/shop"
    headers: dict[str, str] = field(default_factory=dict)
    client: httpx.Client | None = None
    _listing: threading.Lock = field(default_factory=threading.Lock)

    def send(self, delivery: Delivery) -> Attempt:
        """Send a new delivery."""
        return self.attempt(str(uuid.uuid4()), delivery)

    def shown(self) -> dict[str, Any]:
        """Return the hook as GitHub shows it to an administrator."""
        config = {"url": self.url, "content_type": "json", "insecure_ssl": "0", "secret": "********"}
        url, moment = f"{API}/{self.owner}/hooks/{self.number}", "2026-03-01T00:00:00Z"
        of_repository = self.owner.startswith("repos/")
        return {
            "type": "Repository" if of_repository else "Organization",
            "id": self.number,
            "name": "web",
            "active": True,
            "events": ["*"],
            "config": config,
            "created_at": moment,
            "updated_at": moment,
            "url": url,
            "ping_url": f"{url}/pings",
            "deliveries_url": f"{url}/deliveries",
            **({"test_url": f"{url}/test", "last_response": _NOTHING_YET} if of_repository else {}),
        }

    def page(self, size: int, cursor: str | None) -> tuple[list[Attempt], str | None]:
        """Return a page of attempts, newest first, and the cursor of the next page."""
        end = len(self.attempts) if cursor is None else int(cursor) - 1
        shown = self.attempts[max(0, end - size) : end][::-1]
        return shown, str(shown[-1].number) if end > size else None

    def send_again(self, number: int) -> Attempt:
        """Redeliver with the same GUID."""
        before = self.attempts[number - 1]
        return self.attempt(before.guid, before.delivery, is_redelivery=True)

    def attempt(self, guid: str, delivery: Delivery, *, is_redelivery: bool = False, is_lost: bool = False) -> Attempt:
        """Try to deliver; a lost delivery is listed as failed."""
        code = 0 if self.is_cut_off or is_lost else self._post(guid, delivery)
        with self._listing:
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
        post = httpx.post if self.client is None else self.client.post
        try:
            return post(self.url, content=body, headers=headers, timeout=PATIENCE_SECONDS).status_code
        except httpx.TransportError:
            return 0
