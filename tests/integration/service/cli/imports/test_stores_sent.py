"""The stores of eight agents, sent to a listening service: twice, in any order, and with telemetry of the same days."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from schema.database import Database
from schema.settings import Settings
from service.cli.main import main
from service.imports.stores.registry import STORES
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.organization import Organization
from tests.harness.otlp import (
    PROTOBUF,
    Body,
    as_protobuf,
    codex_completion,
    gemini_response,
    logs,
    signal_of,
    span,
    spans,
)
from tests.harness.stores.agents_day import OF_AGENT, write_day
from tests.harness.stores.codex_rollouts import BEGIN
from vocabulary.tokens import TokenCounts, sum_tokens

SESSIONS, REQUESTS = 2, 3
DAY = sum_tokens(list(OF_AGENT.values()) * SESSIONS * REQUESTS)

Import = Callable[..., Awaitable[dict[str, Any]]]
Received = Callable[[], Awaitable[TokenCounts]]
Send = Callable[[Body], Awaitable[None]]


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder with one day of eight agents."""
    for variable in ("CODEX_HOME", "GEMINI_CLI_HOME", "OPENCODE_DATA_DIR", "COPILOT_HOME", "AMP_DATA_DIR", "CLINE_DIR"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("QWEN_DATA_DIR", "KIMI_SHARE_DIR", "KIMI_CODE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "nowhere"))
    write_day(tmp_path / "home", SESSIONS, REQUESTS)
    return tmp_path / "home"


@pytest.fixture
def imported(service_url: str, organization: Organization) -> Import:
    async def run(*arguments: str) -> dict[str, Any]:
        command = ["import", *arguments, "--json", "--url", service_url, "--key", organization.key]
        result = await asyncio.to_thread(CliRunner().invoke, main, command)
        assert result.exit_code == 0, result.output
        summary: dict[str, Any] = json.loads(result.stdout)
        return summary

    return run


@pytest.fixture
def received(database: Database, organization: Organization) -> Received:
    async def total() -> TokenCounts:
        async with database.organization(organization.organization_id) as tenant:
            rows = await tenant.fetch("SELECT * FROM intake_total WHERE organization_id = $1")
        return TokenCounts(*(sum(row[kind] for row in rows) for kind in TokenCounts._fields))

    return total


@pytest.fixture
def send(client: httpx.AsyncClient, organization: Organization) -> Send:
    async def post(body: Body) -> None:
        headers = organization.headers | PROTOBUF
        answer = await client.post(f"/v1/{signal_of(body)}", content=as_protobuf(body), headers=headers)
        assert answer.status_code == 200, answer.text

    return post


async def test_a_day_of_eight_agents_counts_once_however_often_it_is_sent(imported: Import, received: Received) -> None:
    first = await imported("agents", "--yes")
    again = await imported("agents", "--yes")
    whole = await imported("agents", "--yes", "--all")

    assert (first["added"], again["added"], whole["added"]) == (8 * SESSIONS * REQUESTS, 0, 0)
    assert await received() == DAY


async def test_the_order_of_stores_does_not_matter(imported: Import, received: Received) -> None:
    for name in reversed(STORES):
        await imported(name)
    assert (await imported("agents", "--yes", "--all"))["added"] == 0
    assert await received() == DAY


async def test_what_changed_is_sent_and_nothing_else(imported: Import, received: Received, home: Path) -> None:
    await imported("agents", "--yes")
    write_day(home / "later", SESSIONS + 1, REQUESTS)
    new = home / "later/.codex"
    new.rename(home / ".codex-later")
    for file in (home / ".codex-later").rglob("*0002-session.jsonl"):
        (home / ".codex/sessions" / file.name).write_bytes(file.read_bytes())

    summary = await imported("codex")

    assert (summary["files"], summary["sent"]["added"]) == (1, REQUESTS)
    assert await received() == DAY.plus(sum_tokens([OF_AGENT["codex"]] * REQUESTS))


@pytest.mark.parametrize("first", ["telemetry", "import"])
async def test_telemetry_of_the_same_requests_counts_once(
    imported: Import, received: Received, send: Send, drain: Callable[[], Awaitable[None]], first: str
) -> None:
    if first == "import":
        await imported("agents", "--yes")
    for body in telemetry():
        await send(body)
    await drain()
    if first == "telemetry":
        await imported("agents", "--yes")
    await drain()

    assert await received() == DAY


def telemetry() -> list[Body]:
    """What Codex, Gemini CLI, OpenCode and Copilot CLI report of the same requests, a little before they store them."""
    bodies = []
    for number in range(SESSIONS):
        for place in range(REQUESTS):
            session = f"{number:04d}-session"
            at = BEGIN + timedelta(minutes=number * 7, seconds=number + 20 * (place + 1))
            stored = BEGIN + timedelta(minutes=number, seconds=20 * place)
            bodies += [
                _codex(session, BEGIN + timedelta(minutes=number * 7, seconds=number + 20 * (place + 1))),
                _gemini(session, place, at),
                _opencode(session, number * 10 + place, at),
                _copilot(session, number * 10 + place, stored),
            ]
    return bodies


def _codex(session: str, at: datetime) -> Body:
    counts = {"input_token_count": 1_000, "cached_token_count": 600, "cache_write_token_count": 100}
    counts |= {"output_token_count": 80, "reasoning_token_count": 30}
    named = codex_completion(**counts, **{"conversation.id": session, "model": "gpt-5.2-codex"})
    return logs(named | {"observedTimeUnixNano": str(_nanoseconds(at))}, resource={"service.name": "codex_exec"})


def _gemini(session: str, place: int, at: datetime) -> Body:
    counts = {"input_token_count": 1_000, "cached_content_token_count": 600, "tool_token_count": 0}
    counts |= {"output_token_count": 50, "thoughts_token_count": 30, "total_token_count": 1_080}
    named = gemini_response(**{"session.id": session, "prompt_id": f"CANARY-{place}"}, **counts)
    moment = {"timeUnixNano": str(_nanoseconds(at)), "observedTimeUnixNano": str(_nanoseconds(at))}
    return logs(named | moment, resource={"service.name": "gemini-cli"}, scope="gemini-cli")


def _opencode(session: str, number: int, at: datetime) -> Body:
    values = {
        "ai.operationId": "ai.streamText.doStream",
        "ai.usage.inputTokens": 1_000,
        "ai.usage.inputTokenDetails.noCacheTokens": 300,
        "ai.usage.inputTokenDetails.cacheReadTokens": 600,
        "ai.usage.inputTokenDetails.cacheWriteTokens": 100,
        "ai.usage.outputTokens": 80,
        "ai.usage.outputTokenDetails.reasoningTokens": 30,
        "ai.response.model": "claude-sonnet-4-5",
        "ai.response.id": f"CANARY-{number}",
        "ai.telemetry.metadata.sessionId": session,
    }
    reported = span("ai.streamText.doStream", values, number=number, moment=_nanoseconds(at))
    return spans(reported, resource={"service.name": "opencode"})


def _copilot(session: str, number: int, at: datetime) -> Body:
    values = {
        "gen_ai.operation.name": "chat",
        "gen_ai.usage.input_tokens": 1_000,
        "gen_ai.usage.cache_read.input_tokens": 600,
        "gen_ai.usage.cache_creation.input_tokens": 100,
        "gen_ai.usage.output_tokens": 80,
        "gen_ai.usage.reasoning.output_tokens": 30,
        "gen_ai.request.model": "claude-sonnet-4.5",
        "gen_ai.conversation.id": session,
    }
    reported = span("chat", values, number=100 + number, moment=_nanoseconds(at))
    return spans(reported, resource={"service.name": "github-copilot"}, scope="github.copilot")


def _nanoseconds(at: datetime) -> int:
    return round(at.timestamp()) * 1_000_000_000
