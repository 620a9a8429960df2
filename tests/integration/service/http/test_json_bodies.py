"""JSON bodies that cannot be read are refused alike, however large they are."""

from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from schema.settings import Settings
from service.app import create_app
from service.http.json_bodies import LARGE_BODY
from tests.harness.organization import Organization

EVENT = b'{"event_id":"1","occurred_at":"2026-11-18T12:00:00Z","source":"x","tokens":{"input_uncached":1}}'


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"items":[{"event_id":"\xff"}]}', None),
        (b'{"items":[', None),
        (b"[]", "body"),
        (b'{"items":3}', "items"),
        (b'{"items":[%b,{"event_id":3}]}' % EVENT, "items[1].event_id"),
        (b'{"items":[%b,{}]}' % EVENT, "items[1].event_id"),
    ],
)
async def test_an_unreadable_body_names_the_same_field_whatever_its_size(
    client: httpx.AsyncClient, organization: Organization, body: bytes, field: str | None
) -> None:
    headers = {**organization.headers, "Content-Type": "application/json"}
    for space in (b"", b" " * LARGE_BODY):
        answer = await client.post("/api/v1/token-events", content=body + space, headers=headers)
        assert (answer.status_code, answer.json().get("field")) == (400, field)


async def test_a_large_bulk_is_stored_like_a_small_one(client: httpx.AsyncClient, organization: Organization) -> None:
    headers = {**organization.headers, "Content-Type": "application/json"}
    for space, added in ((b" " * LARGE_BODY, 1), (b"", 0)):
        content = b'{"items":[%b]%b}' % (EVENT, space)
        answer = await client.post("/api/v1/token-events", content=content, headers=headers)
        assert answer.json() == {"received": 1, "added": added, "duplicates": 1 - added}


async def test_a_client_that_leaves_before_the_end_of_its_body_is_no_failure_of_ours(
    settings: Settings, organization: Organization
) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = {**organization.headers, "Content-Type": "application/json", "Content-Length": "100"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/token-events",
        "raw_path": b"/api/v1/token-events",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "scheme": "http",
        "http_version": "1.1",
        "root_path": "",
    }
    app = create_app(settings)
    with capture_logs() as logs:
        async with app.lifespan():
            await app(scope, receive, send)  # type: ignore[arg-type]  # a scope without extensions
    assert sent[0]["status"] == 400
    assert [entry for entry in logs if entry["event"] == "request_failed"] == []
