"""Requests that a model failed: stored once as failures, and as no tokens."""

from collections.abc import Awaitable, Callable

import asyncpg
import httpx

from tests.harness.organization import Organization
from tests.harness.otlp import (
    JSON,
    PROTOBUF,
    Body,
    as_json,
    as_protobuf,
    claude_logs,
    claude_record,
    claude_request,
    signal_of,
    span,
    spans,
)
from vocabulary.tokens import TokenCounts

Received = Callable[[], Awaitable[tuple[int, TokenCounts]]]
Rows = Callable[[str], Awaitable[list[asyncpg.Record]]]

CHAT = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5"}
ERROR = {
    "error": "CANARY-error",
    "status_code": "529",
    "duration_ms": 900,
    "request_id": "CANARY-request",
    "attempt": 11,
}
BODIES: list[Body] = [
    claude_logs(claude_record("api_error", 3, ERROR), claude_request(4, duration_ms=56)),
    # A framework and the client below it tell of one failure.
    spans(
        span("chat", CHAT, number=2, parent=1, status=2),
        span("chat", CHAT, number=1, status=2),
        resource={"service.name": "bot"},
    ),
]


async def test_repeated_failures_are_stored_once_without_tokens(
    client: httpx.AsyncClient, organization: Organization, rows: Rows, received: Received
) -> None:
    for body in BODIES * 2:
        for content, headers in ((as_protobuf(body), PROTOBUF), (as_json(body), JSON)):
            answer = await client.post(
                f"/v1/{signal_of(body)}", content=content, headers=organization.headers | headers
            )
            assert answer.status_code == 200
    stored = [(row["source"], row["failed"], row["duration_ms"]) for row in await rows("token_event")]
    assert sorted(stored) == [("claude-code", False, 56), ("claude-code", True, 900), ("genai", True, 1000)]
    assert (await received())[1] == TokenCounts(1200, 4500, 300, 42, 0)
