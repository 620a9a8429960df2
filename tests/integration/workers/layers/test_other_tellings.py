"""What the recorded bodies of real agents and gateways come to together, and copies that the provider's id tells."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.telemetry.otlp.records import Signal
from tests.harness.otlp import MOMENT, PROTOBUF, span, spans
from tests.harness.otlp_cuts import read_body, signal_at
from tests.integration.workers.layers.conftest import TOKENS, Company, agent, agents

SECOND = 1_000_000_000


def recorded(folder: Path, later: int = 0) -> list[tuple[Signal, Any]]:
    """Every body of a folder, its spans so many nanoseconds later than they were recorded."""
    bodies = [(signal_at(path), read_body(path)) for path in sorted(folder.glob("[0-9]*"))]
    for signal, body in bodies:
        for resource in body.resource_spans if signal is Signal.TRACES else ():
            for each in (each for scope in resource.scope_spans for each in scope.spans):
                each.start_time_unix_nano += later
                each.end_time_unix_nano += later
    return bodies


async def send(company: Company, bodies: list[tuple[Signal, Any]]) -> None:
    for signal, body in bodies:
        headers = company.organization.headers | PROTOBUF
        answer = await company.client.post(f"/v1/{signal}", content=body.SerializeToString(), headers=headers)
        assert answer.status_code == 200, answer.text


@pytest.mark.shared
async def test_recorded_requests_count_once_each_and_only_those_that_ended_together_are_one(
    company: Company, shared: Path
) -> None:
    """LiteLLM's Claude request has the counts of Claude Code's four, and was recorded eight minutes before them."""
    await send(company, recorded(shared / "telemetry/claude-code"))
    await send(company, recorded(shared / "telemetry/litellm"))
    await company.drain()
    assert await company.counted() == {"claude-code": 4, "litellm": 3}
    assert (await company.ledger())["superseded"] == 0


@pytest.mark.shared
async def test_the_recorded_claude_request_of_the_gateway_is_recognised_at_the_time_of_the_agents(
    company: Company, shared: Path
) -> None:
    await send(company, recorded(shared / "telemetry/litellm", later=483_100_000_000))
    await company.drain()
    await send(company, recorded(shared / "telemetry/claude-code"))
    await company.drain()
    assert await company.counted() == {"claude-code": 4, "litellm": 2}
    ledger = await company.ledger()
    assert (ledger["superseded"], ledger["difference"]) == (TOKENS, 0)


async def test_the_providers_id_identifies_a_copy_whose_counts_differ(company: Company) -> None:
    """As where a request was cut off, and only the provider knows how far it came."""
    await company.send(agents(agent(1), agent(2, 1)))
    at = datetime.fromtimestamp(MOMENT / SECOND, UTC) + timedelta(seconds=20)
    reported = {
        "event_id": "invocation",
        "occurred_at": at.isoformat(),
        "source": "bedrock",
        "model": "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "request_id": "req_2",
        "tokens": {"input_uncached": 1_200, "cache_read": 4_500, "cache_write": 300, "output_visible": 17},
    }
    headers = company.organization.headers
    answer = await company.client.post("/api/v1/token-events", json={"items": [reported]}, headers=headers)
    assert answer.status_code == 200, answer.text
    await company.drain()
    assert await company.counted() == {"claude-code": 2}
    assert (await company.ledger())["superseded"] == 6_017


@pytest.mark.parametrize("agent_first", [True, False])
async def test_an_agents_log_and_its_hosts_span_are_one_request(company: Company, agent_first: bool) -> None:
    values = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.response.model": "claude-sonnet-4-5-20250929",
        "gen_ai.usage.input_tokens": 6_000,
        "gen_ai.usage.cache_read.input_tokens": 4_500,
        "gen_ai.usage.cache_creation.input_tokens": 300,
        "gen_ai.usage.output_tokens": 42,
    }
    host = spans(span("chat claude", values, moment=MOMENT + SECOND // 2), resource={"service.name": "copilot-chat"})
    both = [agents(agent(1)), host]
    for body in both if agent_first else both[::-1]:
        await company.send(body)
        await company.drain()
    assert await company.counted() == {"claude-code": 1}
    ledger = await company.ledger()
    assert (ledger["received"], ledger["superseded"], ledger["difference"]) == (TOKENS, TOKENS, 0)
