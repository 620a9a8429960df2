"""What a fake GitLab tells of its webhooks' deliveries, and sending one again under the key of its first attempt."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from litestar import Response

from tests.harness.reported import Delivery

# GitLab gives no more of these a page.
MOST = 20
ACCEPTED = range(200, 300)
CATEGORIES = {"successful": ACCEPTED, "client_failure": range(400, 500), "server_failure": range(500, 600)}


class Event(NamedTuple):
    """One attempt; a `status` of 0 is that nobody answered, and `key` is the same for all attempts of a delivery."""

    number: int
    delivery: Delivery
    status: int
    key: str
    url: str

    def listed(self) -> dict[str, Any]:
        """As GitLab lists it: with all that was sent, and without a time."""
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "GitLab/18.9.1",
            "Idempotency-Key": self.key,
            "X-Gitlab-Event": "CANARY Hook",
            "X-Gitlab-Token": "[REDACTED]",
        }
        return {
            "id": self.number,
            "url": self.url,
            "trigger": f"{self.delivery.event}_hooks",
            "request_headers": headers,
            "request_data": self.delivery.payload,
            "response_headers": {},
            "response_body": "CANARY",
            "execution_duration": 0.1,
            "response_status": str(self.status or "internal error"),
        }


def listed(events: Sequence[Event], query: Mapping[str, str]) -> Response[Any]:
    """A page of them, newest first, by status when that is asked for."""
    size, page = int(query.get("per_page", MOST)), int(query.get("page", 1))
    if size > MOST:
        return Response({"error": "per_page does not have a valid value"}, status_code=400)
    wanted = query["status"].split(",") if "status" in query else None
    found = [each for each in reversed(events) if wanted is None or any(_is(each, name) for name in wanted)]
    return Response([each.listed() for each in found[size * (page - 1) : size * page]])


def _is(event: Event, name: str) -> bool:
    if name in CATEGORIES:
        return event.status in CATEGORIES[name] or (name == "server_failure" and event.status == 0)
    return name == str(event.status)
