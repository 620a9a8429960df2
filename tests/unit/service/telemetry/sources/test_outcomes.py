"""How requests went, whoever tells it: the provider's id, how long it took, and whether it failed."""

from collections.abc import Callable
from typing import Any

import pytest

from service.telemetry.reading.normalised import Readings, TokenEvent
from tests.harness.otlp import (
    Body,
    claude_logs,
    claude_record,
    claude_request,
    codex_completion,
    gemini_response,
    logs,
    record,
    span,
    spans,
)
from vocabulary.tokens import TokenCounts

Read = Callable[[Body], Readings]
USAGE = {"gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 2}
CHAT = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5", "gen_ai.response.id": "msg_1"}
VERCEL = {"ai.operationId": "ai.streamText.doStream", "ai.model.id": "gpt-5", "ai.response.id": "msg_1"}
LITELLM = {"litellm.call_id": "call-1", "gen_ai.request.model": "gpt-5"}
COPILOT = {"service.name": "github-copilot"}
ERROR = 2


def events(readings: Readings) -> list[TokenEvent]:
    return [*readings.events, *(reading.event for reading in readings.spans)]


def outcome(readings: Readings) -> tuple[str | None, int | None, bool]:
    (event,) = events(readings)
    return event.request, event.duration_ms, event.failed


LOGS = [
    pytest.param(claude_logs(claude_request(duration_ms=56)), ("req_fake_0001", 56, False), id="claude-code"),
    pytest.param(logs(codex_completion(duration_ms="0")), (None, None, False), id="codex"),
    pytest.param(logs(gemini_response(duration_ms=413)), (None, 413, False), id="gemini-cli"),
]
SPANS = [
    pytest.param(span("chat gpt-5", {**CHAT, **USAGE}), {}, "msg_1", id="genai"),
    pytest.param(span("chat gpt-5", {**CHAT, **USAGE}), COPILOT, "msg_1", id="copilot"),
    pytest.param(span("x", {**VERCEL, **USAGE}), {}, "msg_1", id="vercel-ai"),
    pytest.param(
        span("litellm_request", {**LITELLM, **USAGE, "gen_ai.response.id": "msg_1"}), {}, "msg_1", id="litellm"
    ),
    pytest.param(span("litellm_request", {**LITELLM, **USAGE}), {}, "call-1", id="litellm by its own id"),
]


@pytest.mark.parametrize(("body", "expected"), LOGS)
def test_a_log_has_id_and_duration_if_the_agent_sends_them(
    body: Body, expected: tuple[str | None, int | None, bool], read: Read
) -> None:
    assert outcome(read(body)) == expected


@pytest.mark.parametrize(("reported", "resource", "request_id"), SPANS)
def test_a_request_takes_as_long_as_its_span(reported: Body, resource: Body, request_id: str, read: Read) -> None:
    assert outcome(read(spans(reported, resource=resource))) == (request_id, 1000, False)


@pytest.mark.parametrize("duration", [-1, "CANARY", float("1e30"), 86_400_001, None, "nan"])
def test_an_invalid_duration_is_dropped_without_losing_tokens(duration: Any, read: Read) -> None:
    (event,) = read(claude_logs(claude_request(duration_ms=duration))).events
    assert (event.duration_ms, event.tokens.total) == (None, 6042)


@pytest.mark.parametrize(("duration", "milliseconds"), [("56", 56), (56.4, 56), (0, 0), ("12.5", 12)])
def test_a_duration_may_be_a_text_or_a_fraction(duration: Any, milliseconds: int, read: Read) -> None:
    (event,) = read(claude_logs(claude_request(duration_ms=duration))).events
    assert event.duration_ms == milliseconds


def test_a_span_without_a_start_has_no_duration(read: Read) -> None:
    reported = span("chat gpt-5", {**CHAT, **USAGE}) | {"startTimeUnixNano": "0"}
    assert outcome(read(spans(reported))) == ("msg_1", None, False)


def test_a_text_too_long_for_an_id_is_dropped(read: Read) -> None:
    (event,) = read(claude_logs(claude_request(request_id="r" * 201))).events
    assert event.request is None


FAILED_LOGS = [
    pytest.param(
        claude_logs(claude_record("api_error", 3, {"error": "CANARY", "duration_ms": 900, "request_id": "req_1"})),
        ("req_1", 900, True),
        id="claude-code",
    ),
    pytest.param(
        logs(record({"event.name": "codex.api_request", "http.response.status_code": 429, "duration_ms": "9"})),
        (None, 9, True),
        id="codex",
    ),
    pytest.param(
        logs(record({"event.name": "codex.api_request", "endpoint": "/responses", "error.message": "CANARY"})),
        (None, None, True),
        id="codex without an answer",
    ),
    pytest.param(
        logs(record({"event.name": "codex.sse_event", "error.message": "CANARY", "duration_ms": "60000"})),
        (None, 60000, True),
        id="codex broken off",
    ),
    pytest.param(
        logs(record({"event.name": "codex.websocket_request", "success": "false"})), (None, None, True), id="websocket"
    ),
    pytest.param(
        logs(record({"event.name": "gemini_cli.api_error", "error": "CANARY", "duration_ms": 7, "model": "gemini-3"})),
        (None, 7, True),
        id="gemini-cli",
    ),
    pytest.param(
        logs(record({"event.name": "gemini_cli.api_error", "duration": 7, "model_name": "gemini-3"})),
        (None, 7, True),
        id="gemini-cli, as documented later",
    ),
]
FAILED_SPANS = [
    pytest.param(span("chat gpt-5", CHAT, status=ERROR), {}, "msg_1", id="genai"),
    pytest.param(span("chat gpt-5", {**CHAT, "error.type": "timeout"}), {}, "msg_1", id="genai by its type"),
    pytest.param(
        span("openai.chat", {"llm.request.type": "chat", "gen_ai.response.id": "msg_1"}, status=ERROR),
        {},
        "msg_1",
        id="openllmetry",
    ),
    pytest.param(span("chat gpt-5", CHAT, status=ERROR), COPILOT, "msg_1", id="copilot"),
    pytest.param(span("x", VERCEL, status=ERROR), {}, "msg_1", id="vercel-ai"),
    pytest.param(span("litellm_request", LITELLM, status=ERROR), {}, "call-1", id="litellm"),
]


@pytest.mark.parametrize(("body", "expected"), FAILED_LOGS)
def test_a_failed_request_has_no_tokens_and_no_error_text(
    body: Body, expected: tuple[str | None, int | None, bool], read: Read
) -> None:
    readings = read(body)
    assert outcome(readings) == expected
    assert events(readings)[0].tokens == TokenCounts()
    assert "CANARY" not in repr([(event.model, event.request, event.source) for event in events(readings)])


@pytest.mark.parametrize(("reported", "resource", "request_id"), FAILED_SPANS)
def test_a_failed_span_has_no_tokens(reported: Body, resource: Body, request_id: str, read: Read) -> None:
    readings = read(spans(reported, resource=resource))
    assert outcome(readings) == (request_id, 1000, True)
    assert events(readings)[0].tokens == TokenCounts()


@pytest.mark.parametrize(("reported", "resource", "request_id"), SPANS)
def test_tokens_of_a_request_that_broke_off_count_as_before(
    reported: Body, resource: Body, request_id: str, read: Read
) -> None:
    whole, broken = (
        read(spans(reported, resource=resource)),
        read(spans(reported | {"status": {"code": 2}}, resource=resource)),
    )
    assert outcome(broken) == (request_id, 1000, True)
    assert [event.identity for event in events(whole)] == [event.identity for event in events(broken)]
    assert events(broken)[0].tokens.total == 12


@pytest.mark.parametrize("reported", [LITELLM, VERCEL, CHAT])
def test_a_call_that_failed_and_then_succeeded_is_two_requests(reported: dict[str, Any], read: Read) -> None:
    body = spans(span("litellm_request", reported, status=ERROR), span("litellm_request", {**reported, **USAGE}))
    first, second = events(read(body))
    assert first.identity != second.identity


@pytest.mark.parametrize(
    "reported",
    [
        span("GET /", {"error.type": "500"}, status=ERROR),
        span("execute_tool", {"gen_ai.operation.name": "execute_tool"}, status=ERROR),
        span("invoke_agent", {"gen_ai.operation.name": "invoke_agent"}, status=ERROR),
        span("ai.toolCall", {"ai.operationId": "ai.toolCall"}, status=ERROR),
        span("ai.streamText", {"ai.operationId": "ai.streamText"}, status=ERROR),
        span("raw_gen_ai_request", LITELLM, status=ERROR),
    ],
    ids=lambda reported: reported["name"],
)
def test_a_failure_without_a_model_call_is_not_a_failed_request(reported: Body, read: Read) -> None:
    assert not events(read(spans(reported)))
