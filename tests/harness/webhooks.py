"""A forge that sends webhooks, signed as the real forge signs them, to connections created through the API."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from tests.harness.organization import Organization

PAYLOADS = Path(__file__).resolve().parents[1] / "payloads"

GITLAB_EVENTS = {"merge_request": "Merge Request Hook", "push": "Push Hook", "tag_push": "Tag Push Hook"}


def recorded(forge: str, name: str) -> dict[str, Any]:
    """Return a payload of tests/payloads by its name `event__case`."""
    return json.loads((PAYLOADS / forge / f"{name}.json").read_text())


def github_signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signing_token_headers(key: bytes, body: bytes, identifier: str, at: float | None = None) -> dict[str, str]:
    """Return the headers of a request signed according to Standard Webhooks."""
    timestamp = str(int(time.time() if at is None else at))
    digest = hmac.digest(key, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256)
    return {
        "webhook-id": identifier,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


class Forge:
    """GitHub or GitLab, with one connection to the service."""

    def __init__(self, client: httpx.AsyncClient, name: str, made: dict[str, Any]) -> None:
        self.client, self.name, self.made = client, name, made
        self._delivered: Counter[bytes] = Counter()
        self.path = f"/webhooks/{name}/{made['id']}"

    @classmethod
    async def connect(cls, client: httpx.AsyncClient, organization: Organization, name: str) -> "Forge":
        answer = await client.post("/api/v1/connections", json={"forge": name}, headers=organization.headers)
        assert answer.status_code == 201, answer.text
        return cls(client, name, answer.json())

    async def send(self, event: str, payload: Any, guid: str | None = None) -> httpx.Response:
        """Deliver a payload or raw bytes with a delivery id."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return await self.client.post(self.path, content=body, headers=self.headers(event, body, guid))

    def headers(self, event: str, body: bytes, guid: str | None = None) -> dict[str, str]:
        guid = guid or str(uuid.uuid4())
        if self.name == "gitlab":
            return {
                "X-Gitlab-Event": event,
                "X-Gitlab-Token": self.made["secret"],
                "Idempotency-Key": guid,
                "X-Gitlab-Webhook-UUID": guid,
            }
        return {
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": guid,
            "X-GitHub-Hook-ID": "1",
            "X-Hub-Signature-256": github_signature(self.made["secret"], body),
        }

    async def deliver(self, *names: str) -> None:
        """Deliver recorded payloads in order; each must be accepted."""
        for name in names:
            await self.deliver_payload(name.partition("__")[0], recorded(self.name, name))

    async def deliver_payload(self, event: str, payload: Any) -> None:
        """Deliver a payload, which must be accepted; again, it is another body with the same meaning."""
        body = json.dumps(payload).encode()
        again = b" " * self._delivered[body]
        self._delivered[body] += 1
        header = event if self.name == "github" else GITLAB_EVENTS.get(event, "System Hook")
        answer = await self.send(header, body + again)
        assert answer.status_code == 202, answer.text
