"""Spans and metrics of agents whose log records count: they fill what the records lack, and nothing counts twice."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import httpx
import pytest

from tests.harness.organization import Organization
from tests.harness.otlp import (
    MOMENT,
    PROTOBUF,
    Body,
    as_protobuf,
    claude_logs,
    claude_request,
    codex_completion,
    counter,
    gemini_response,
    histogram,
    histogram_point,
    logs,
    metrics,
    number_point,
    record,
    signal_of,
    span,
    spans,
)
from vocabulary.tokens import TokenCounts

Received = Callable[[], Awaitable[tuple[int, TokenCounts]]]
Send = Callable[..., Awaitable[None]]
SESSION = {"session.id": "CANARY-session"}
CODEX, QWEN = {"service.name": "codex_exec"}, {"service.name": "qwen-code"}
HOUR = 3_600_000_000_000
NANOSECONDS_A_REQUEST = 1_000_000_000


class Agent(NamedTuple):
    """How an agent reports requests by their numbers, and what one of them holds by its log record and by its span."""

    records: Callable[..., Body]
    spans: Callable[..., Body]
    logged: TokenCounts
    traced: TokenCounts


def used(given: int, answered: int, **more: Any) -> dict[str, Any]:
    return {"gen_ai.usage.input_tokens": given, "gen_ai.usage.output_tokens": answered, **more}


def spans_of(name: str, values: dict[str, Any], service: str, scope: str = "") -> Callable[..., Body]:
    def body(*numbers: int, later: int = 0) -> Body:
        reported = [
            span(name, values, number=number, moment=MOMENT + later + number * NANOSECONDS_A_REQUEST)
            for number in numbers
        ]
        return spans(*reported, resource={"service.name": service}, scope=scope)

    return body


def claude_records(*numbers: int) -> Body:
    return claude_logs(*(claude_request(number, **SESSION) for number in numbers), team=None)


def codex_records(*numbers: int, later: int = 0) -> Body:
    named = [codex_completion(**{"conversation.id": f"CANARY-{number}"}) for number in numbers]
    return logs(*(each | {"observedTimeUnixNano": str(MOMENT + later)} for each in named), resource=CODEX)


def gemini_records(*numbers: int) -> Body:
    named = (gemini_response(**SESSION, prompt_id=f"CANARY-{number}") for number in numbers)
    return logs(*named, resource={"service.name": "gemini-cli"}, scope="gemini-cli")


def qwen_records(*numbers: int) -> Body:
    values = {
        "event.name": "qwen-code.api_response",
        "model": "qwen3-coder-plus",
        "duration_ms": 413,
        **SESSION,
        "input_token_count": 1500,
        "cached_content_token_count": 900,
        "output_token_count": 80,
        "thoughts_token_count": 33,
        "total_token_count": 1580,
        "response_text": "CANARY-answer",
    }
    named = (record(values | {"prompt_id": f"CANARY-{number}", "response_id": f"r{number}"}) for number in numbers)
    return logs(*named, resource=QWEN, scope="qwen-code")


CLAUDE_SPAN = {
    "model": "claude-sonnet-4-5",
    "input_tokens": 1200,
    "output_tokens": 42,
    **SESSION,
    "cache_read_tokens": 4500,
    "cache_creation_tokens": 300,
    "user.email": "CANARY-person",
}
TURN = "codex.turn.token_usage."
CODEX_SPAN = {
    "model": "gpt-5.1-codex",
    "thread.id": "CANARY-thread",
    f"{TURN}input_tokens": 1500,
    f"{TURN}cached_input_tokens": 900,
    f"{TURN}output_tokens": 80,
    f"{TURN}reasoning_output_tokens": 33,
}
GEMINI_SPAN = {
    "gen_ai.operation.name": "llm_call",
    "gen_ai.request.model": "gemini-2.5-pro",
    **SESSION,
    **used(1500, 47, **{"gen_ai.usage.cache_read.input_tokens": 900}),
}
QWEN_SPAN = {
    "gen_ai.request.model": "qwen3-coder-plus",
    "thoughts_token_count": 33,
    **SESSION,
    **used(1500, 80, **{"gen_ai.usage.cache_read.input_tokens": 900}),
}
SPLIT = TokenCounts(600, 900, 0, 47, 33)
AGENTS = {
    "claude-code": Agent(
        claude_records,
        spans_of("claude_code.llm_request", CLAUDE_SPAN, "claude-code", "com.anthropic.claude_code.tracing"),
        TokenCounts(1200, 4500, 300, 42, 0),
        TokenCounts(1200, 4500, 300, 42, 0),
    ),
    "codex": Agent(codex_records, spans_of("session_task.turn", CODEX_SPAN, "codex_exec", "codex_exec"), SPLIT, SPLIT),
    "gemini-cli": Agent(
        gemini_records,
        spans_of("llm_call", GEMINI_SPAN, "gemini-cli", "gemini-cli"),
        TokenCounts(605, 900, 0, 47, 33),
        TokenCounts(600, 900, 0, 47, 0),
    ),
    "qwen-code": Agent(
        qwen_records, spans_of("qwen-code.llm_request", QWEN_SPAN, "qwen-code", "qwen-code"), SPLIT, SPLIT
    ),
}
each_agent = pytest.mark.parametrize("agent", AGENTS.values(), ids=AGENTS.keys())


def times(requests: int, tokens: TokenCounts) -> TokenCounts:
    return TokenCounts(*(requests * kind for kind in tokens))


@pytest.fixture
def send(client: httpx.AsyncClient, organization: Organization) -> Send:
    async def post(*bodies: Body) -> None:
        for body in bodies:
            answer = await client.post(
                f"/v1/{signal_of(body)}", content=as_protobuf(body), headers=organization.headers | PROTOBUF
            )
            assert answer.status_code == 200, answer.content

    return post


@each_agent
async def test_spans_count_where_no_records_come(agent: Agent, send: Send, received: Received) -> None:
    await send(agent.spans(1, 2), agent.spans(2, 1), agent.spans(3))
    assert await received() == (3, times(3, agent.traced))


@each_agent
async def test_spans_add_nothing_to_the_records_of_their_agent(agent: Agent, send: Send, received: Received) -> None:
    await send(agent.records(1, 2), agent.spans(1, 2), agent.records(2), agent.spans(1))
    assert await received() == (2, times(2, agent.logged))
    await send(agent.records(3), agent.spans(3))
    assert await received() == (3, times(3, agent.logged))


@each_agent
async def test_records_that_come_after_spans_replace_them(agent: Agent, send: Send, received: Received) -> None:
    await send(agent.spans(1, 2), agent.records(1), agent.records(2), agent.records(1, 2), agent.spans(1, 2))
    assert await received() == (2, times(2, agent.logged))


@each_agent
async def test_spans_fill_what_an_outage_lost_of_the_records(agent: Agent, send: Send, received: Received) -> None:
    await send(agent.records(1), agent.spans(1), agent.spans(2), agent.spans(3))
    _, tokens = await received()
    # Spans of some agents hold less of a request than its record does.
    assert (sum(tokens[:3]), sum(tokens[3:])) == (3 * sum(agent.traced[:3]), 3 * sum(agent.traced[3:]))


@each_agent
async def test_the_source_and_model_are_the_same_by_either_signal(
    agent: Agent, send: Send, rows: Callable[[str], Awaitable[list[Any]]]
) -> None:
    await send(agent.spans(1), agent.records(1))
    assert len({(row["source"], row["provider"], row["model"]) for row in await rows("token_event")}) == 1


def codex_exported(turns: int, *, later: int = 0) -> Body:
    """Codex's histogram of the tokens of so many turns, which it exports as a delta."""
    counts = {"input": 1500, "cached_input": 900, "output": 80, "reasoning_output": 33, "total": 1580}
    points = [
        histogram_point(
            turns * tokens,
            {"model": "gpt-5.1-codex", "token_type": name},
            start=MOMENT + later - 1,
            moment=MOMENT + later,
        )
        for name, tokens in counts.items()
    ]
    return metrics(histogram("codex.turn.token_usage", *points, temporality=1), resource=CODEX, scope="codex")


def qwen_exported(requests: int) -> Body:
    """Qwen Code's cumulative counter, which names no session unless a setting says so."""
    counts = {"input": 1500, "cache": 900, "output": 80, "thought": 33}
    points = [
        number_point(requests * tokens, {"model": "qwen3-coder-plus", "type": name}, moment=MOMENT + requests * 60)
        for name, tokens in counts.items()
    ]
    return metrics(counter("qwen-code.token.usage", *points), resource=QWEN, scope="qwen-code")


async def test_codexs_metrics_count_where_no_records_come(send: Send, received: Received) -> None:
    await send(codex_exported(2), codex_exported(2), codex_exported(1, later=60))
    assert (await received())[1] == times(3, SPLIT)


@pytest.mark.parametrize("exported", [codex_exported, qwen_exported])
async def test_metrics_without_a_session_add_nothing_to_records_of_their_service(
    exported: Callable[[int], Body], send: Send, received: Received
) -> None:
    records = codex_records if exported is codex_exported else qwen_records
    await send(records(1, 2), exported(2), records(1, 2), exported(2))
    assert await received() == (2, times(2, SPLIT))


@pytest.mark.parametrize("exported", [codex_exported, qwen_exported])
async def test_records_that_come_after_metrics_without_a_session_replace_them(
    exported: Callable[[int], Body], send: Send, received: Received
) -> None:
    records = codex_records if exported is codex_exported else qwen_records
    await send(exported(2), records(1), exported(2), records(2), records(1))
    assert await received() == (2, times(2, SPLIT))


async def test_metrics_fill_what_the_records_of_their_service_lack(send: Send, received: Received) -> None:
    await send(codex_records(1), codex_exported(3))
    _, tokens = await received()
    assert (sum(tokens[:3]), sum(tokens[3:])) == (3 * 1500, 3 * 80)


async def test_records_of_another_process_count_in_full_beside_metrics(send: Send, received: Received) -> None:
    await send(codex_exported(5), codex_records(1, later=3 * HOUR))
    assert (await received())[1] == times(6, SPLIT)
    await send(codex_exported(1, later=3 * HOUR), codex_records(1, later=3 * HOUR))
    assert (await received())[1] == times(6, SPLIT)


async def test_all_signals_of_codex_count_once(send: Send, received: Received) -> None:
    codex = AGENTS["codex"]
    await send(codex_exported(2), codex.spans(1, 2), codex.records(1, 2), codex_exported(2))
    assert await received() == (2, times(2, SPLIT))


def generated(operation: str, number: int, parent: int = 0) -> Body:
    values = {
        "ai.operationId": operation,
        "ai.model.id": "gpt-5-nano",
        "ai.model.provider": "openai.responses",
        "ai.usage.inputTokens": 100,
        "ai.usage.outputTokens": 10,
        "ai.prompt": "CANARY-prompt",
    }
    return spans(span(operation, values, number=number, parent=parent), resource={"service.name": "shop"})


@pytest.mark.parametrize("operation", ["ai.generateText", "ai.streamText", "ai.generateObject"])
async def test_an_outer_span_of_the_ai_sdk_counts_where_no_inner_one_comes(
    operation: str, send: Send, received: Received
) -> None:
    outer, inner = generated(operation, 1), generated(f"{operation}.doGenerate", 2, 1)
    right = TokenCounts(100, 0, 0, 10, 0)
    await send(outer, outer)
    assert await received() == (1, right)
    await send(inner, outer, inner)
    assert await received() == (1, right)


async def test_an_outer_span_of_the_ai_sdk_adds_nothing_to_inner_ones(send: Send, received: Received) -> None:
    await send(generated("ai.generateText.doGenerate", 2, 1), generated("ai.generateText", 1))
    assert await received() == (1, TokenCounts(100, 0, 0, 10, 0))
