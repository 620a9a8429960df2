"""Metrics of agents whose log records count: they fill what the records lack, and nothing counts twice."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from schema.database import Database
from service.diagnosis.dropped import check_dropped
from service.diagnosis.finding import State
from tests.harness.organization import Organization
from tests.harness.otlp import (
    MOMENT,
    PROTOBUF,
    Body,
    as_protobuf,
    claude_logs,
    claude_request,
    counter,
    logs,
    metrics,
    number_point,
    record,
    signal_of,
)
from vocabulary.tokens import TokenCounts

Received = Callable[[], Awaitable[tuple[int, TokenCounts]]]
Send = Callable[..., Awaitable[None]]
MINUTE = 60_000_000_000
SESSION = "CANARY-session"
# What `claude_request` reports.
ONE = TokenCounts(1200, 4500, 300, 42, 0)


@pytest.fixture
def send(client: httpx.AsyncClient, organization: Organization) -> Send:
    async def post(*bodies: Body) -> None:
        for body in bodies:
            answer = await client.post(
                f"/v1/{signal_of(body)}", content=as_protobuf(body), headers=organization.headers | PROTOBUF
            )
            assert answer.status_code == 200, answer.content

    return post


def records(*numbers: int) -> Body:
    return claude_logs(*(claude_request(number, **{"session.id": SESSION}) for number in numbers))


def exported(requests: int, minute: int = 1, session: str | None = SESSION) -> Body:
    """Claude Code's cumulative counter after so many requests."""
    values: dict[str, Any] = {"model": "claude-sonnet-4-5", **({"session.id": session} if session else {})}
    parts = dict(zip(("input", "cacheRead", "cacheCreation", "output"), ONE, strict=False))
    points = [
        number_point(requests * tokens, {**values, "type": name}, moment=MOMENT + minute * MINUTE)
        for name, tokens in parts.items()
    ]
    return metrics(
        counter("claude_code.token.usage", *points),
        resource={"service.name": "claude-code"},
        scope="com.anthropic.claude_code",
    )


def times(requests: int) -> TokenCounts:
    return TokenCounts(*(requests * tokens for tokens in ONE))


async def test_metrics_count_where_no_records_come(send: Send, received: Received) -> None:
    await send(exported(1), exported(1), exported(3, minute=2))
    assert (await received())[1] == times(3)


async def test_metrics_add_nothing_to_the_records_of_their_session(send: Send, received: Received) -> None:
    await send(records(1, 2), exported(2), records(1, 2), exported(2, minute=2))
    assert await received() == (2, times(2))
    await send(records(3), exported(3, minute=3))
    assert await received() == (3, times(3))


async def test_records_that_come_after_metrics_replace_them(send: Send, received: Received) -> None:
    await send(exported(2), records(1), records(2), records(1, 2))
    assert await received() == (2, times(2))


async def test_metrics_fill_what_an_outage_lost_of_the_records(send: Send, received: Received) -> None:
    await send(records(1), exported(1), exported(4, minute=9), records(5))
    assert (await received())[1] == times(4)
    await send(exported(5, minute=10))
    assert (await received())[1] == times(5)


async def test_sessions_are_compared_by_themselves(send: Send, received: Received) -> None:
    await send(records(1), exported(1, session="CANARY-other"))
    assert (await received())[1] == times(2)


async def test_metrics_without_a_session_cannot_be_compared_and_do_not_count(send: Send, received: Received) -> None:
    await send(exported(7, session=None))
    assert (await received())[1] == TokenCounts()


async def test_gemini_clis_metrics_hold_tools_and_thoughts(send: Send, received: Received) -> None:
    counts = {"input": 1500, "cache": 900, "tool": 5, "output": 47, "thought": 33}
    points = [
        number_point(tokens, {"session.id": SESSION, "model": "gemini-2.5-pro", "type": name})
        for name, tokens in counts.items()
    ]
    resource = {"service.name": "gemini-cli"}
    await send(metrics(counter("gemini_cli.token.usage", *points), resource=resource, scope="gemini-cli"))
    right = TokenCounts(605, 900, 0, 47, 33)
    assert await received() == (1, right)
    response = {
        "event.name": "gemini_cli.api_response",
        "session.id": SESSION,
        "model": "gemini-2.5-pro",
        "prompt_id": "CANARY",
        "input_token_count": 1500,
        "cached_content_token_count": 900,
        "tool_token_count": 5,
        "output_token_count": 47,
        "thoughts_token_count": 33,
    }
    await send(logs(record(response), resource=resource))
    assert await received() == (1, right)


async def test_what_is_not_counted_is_named_with_source_and_reason(
    send: Send, client: httpx.AsyncClient, organization: Organization, database: Database
) -> None:
    await send(exported(7, session=None), exported(7, session=None), exported(1))
    answer = await client.get("/api/v1/coverage", headers=organization.headers)
    (dropped,) = answer.json()["dropped"]
    assert dropped.pop("last_day")
    assert dropped == {"source": "claude-code", "signal": "metrics", "reason": "no_session", "records": 8, "tokens": 0}
    async with database.operator() as connection:
        finding = await check_dropped(connection)
    assert (finding.state, finding.detail) == (
        State.WARNING,
        "claude-code, metrics: 8 records name no session, so that they cannot be compared with logs",
    )


async def test_nothing_dropped_is_well(database: Database) -> None:
    async with database.operator() as connection:
        assert (await check_dropped(connection)).state == State.OK
