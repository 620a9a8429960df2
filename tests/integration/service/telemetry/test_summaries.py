"""Spans of agents that sum up requests: they count where nothing reports these requests."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.harness.organization import Organization
from tests.harness.otlp import (
    MOMENT,
    PROTOBUF,
    Body,
    as_protobuf,
    counter,
    metrics,
    number_point,
    signal_of,
    span,
    spans,
)
from vocabulary.tokens import TokenCounts

Received = Callable[[], Awaitable[tuple[int, TokenCounts]]]
Send = Callable[..., Awaitable[None]]
RESOURCE = {"service.name": "review-bot"}
MODEL = {"gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5"}


@pytest.fixture
def send(client: httpx.AsyncClient, organization: Organization) -> Send:
    async def post(*bodies: Body) -> None:
        for body in bodies:
            answer = await client.post(
                f"/v1/{signal_of(body)}", content=as_protobuf(body), headers=organization.headers | PROTOBUF
            )
            assert answer.status_code == 200, answer.content

    return post


def one(operation: str, tokens: int, number: int, parent: int = 0, **values: Any) -> Body:
    usage = {"gen_ai.usage.input_tokens": tokens * 10, "gen_ai.usage.output_tokens": tokens} if tokens else {}
    named = {"gen_ai.operation.name": operation, **MODEL, **usage}
    return span(operation, named, number=number, parent=parent, moment=MOMENT - number * 1_000_000_000, **values)


def body(*reported: Body, **resource: str) -> Body:
    return spans(*reported, resource=RESOURCE | resource)


def right(tokens: int) -> TokenCounts:
    return TokenCounts(tokens * 10, 0, 0, tokens, 0)


async def test_a_summary_alone_counts_once(send: Send, received: Received) -> None:
    agent = body(one("invoke_agent", 30, 1))
    await send(agent, agent)
    assert await received() == (1, right(30))


async def test_of_summaries_within_each_other_the_innermost_count(send: Send, received: Received) -> None:
    await send(
        body(
            one("invoke_workflow", 30, 1),
            one("invoke_agent", 10, 2, 1),
            one("execute_tool", 0, 3, 1),
            one("invoke_agent", 20, 4, 3),
        )
    )
    assert await received() == (2, right(30))


async def test_a_summary_adds_nothing_to_the_requests_of_its_trace(
    send: Send, received: Received, client: httpx.AsyncClient, organization: Organization
) -> None:
    # The chats hang below a span that nobody exported.
    await send(body(one("chat", 10, 3, 9), one("chat", 20, 2, 9), one("invoke_agent", 30, 1)))
    assert await received() == (2, right(30))
    (dropped,) = (await client.get("/api/v1/coverage", headers=organization.headers)).json()["dropped"]
    assert (dropped["signal"], dropped["reason"], dropped["records"]) == ("traces", "repeated", 1)


async def test_requests_that_come_after_their_summary_replace_it(send: Send, received: Received) -> None:
    await send(body(one("invoke_agent", 30, 1)), body(one("chat", 10, 3, 9)), body(one("chat", 20, 2, 9)))
    assert await received() == (2, right(30))


async def test_requests_that_another_source_counts_replace_a_summary_too(send: Send, received: Received) -> None:
    await send(body(one("invoke_agent", 30, 1)))
    litellm = {
        **MODEL,
        "litellm.call_id": "CANARY-call",
        "gen_ai.usage.input_tokens": 300,
        "gen_ai.usage.output_tokens": 30,
    }
    gateway = spans(span("litellm_request", litellm, number=7, parent=1), resource={"service.name": "litellm"})
    await send(gateway, gateway, body(one("invoke_agent", 30, 1)))
    assert await received() == (1, right(30))


async def test_a_summary_and_metrics_of_its_service_count_once(send: Send, received: Received) -> None:
    prefix = "gen_ai.client.inference.usage."
    exported = metrics(
        counter(f"{prefix}input_tokens", number_point(300, MODEL)),
        counter(f"{prefix}output_tokens", number_point(30, MODEL)),
        resource=RESOURCE,
    )
    await send(body(one("invoke_agent", 30, 1)), exported)
    assert (await received())[1] == right(30)
    await send(body(one("chat", 30, 2, 1)))
    assert (await received())[1] == right(30)


async def test_other_traces_are_left_alone(send: Send, received: Received) -> None:
    await send(body(one("invoke_agent", 30, 1)), body(one("chat", 10, 2, trace=2)))
    assert await received() == (2, right(40))


async def test_an_agent_of_copilot_alone_counts_with_its_branch(
    send: Send, received: Received, rows: Callable[[str], Awaitable[list[Any]]]
) -> None:
    git = {"github.copilot.git.branch": "feature", "gen_ai.conversation.id": "CANARY-session"}
    named = {"gen_ai.operation.name": "invoke_agent", **MODEL, **git, "gen_ai.usage.input_tokens": 40}
    await send(spans(span("invoke_agent", named), resource={"service.name": "copilot-chat"}))
    assert (await received())[1] == TokenCounts(40)
    assert len(await rows("session_evidence")) == 1
