"""Deliveries of a fake GitLab's webhooks; a resend has the key of the first attempt."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from litestar import Response

from tests.harness.bodies import Delivery

# GitLab's maximum page size for these.
MOST = 20
ACCEPTED = range(200, 300)
CATEGORIES = {"successful": ACCEPTED, "client_failure": range(400, 500), "server_failure": range(500, 600)}


class Event(NamedTuple):
    """One attempt; `status` 0 means no answer, and all attempts of a delivery have the same `key`."""

    number: int
    delivery: Delivery
    status: int
    key: str
    url: str

    def listed(self) -> dict[str, Any]:
        """Return an attempt as GitLab lists it: with everything that was sent, but without a time."""
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
    """Return a page of events, newest first, filtered by status if requested."""
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
