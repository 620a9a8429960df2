"""Logs that the command line imports, and reports that workers download: transcripts, gateways, Bedrock, Copilot."""

import contextlib
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from schema.errors import SetUpError
from service.imports.bedrock import UnusableLineError, parse_line
from service.imports.gateway_usage import BROKEN, _requests
from service.imports.litellm import UnusableRowError, decode_row, request_of
from service.imports.requests import Request, token_event
from service.imports.transcripts.claude_code import token_events
from service.imports.transcripts.transcript import Transcript
from tests.fuzz.inputs import Choices
from tests.fuzz.target import Target
from tests.harness.webhooks import PAYLOADS
from workers.providers.client import UnreadableError
from workers.providers.copilot import add_day, days_of
from workers.providers.reports import Report

USAGE = {
    "input_tokens": 10,
    "cache_read_input_tokens": 20,
    "cache_creation_input_tokens": 30,
    "output_tokens": 40,
    "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
    "server_tool_use": {"web_search_requests": 1},
    "service_tier": "standard",
}
ANSWER = {
    "type": "assistant",
    "sessionId": "s",
    "uuid": "u",
    "timestamp": "2026-03-01T10:00:00.000Z",
    "cwd": "/a/b",
    "gitBranch": "x",
    "requestId": "r",
    "isSidechain": False,
    "version": "2.0.0",
    "message": {"id": "m1", "model": "claude-sonnet-4-5", "role": "assistant", "usage": USAGE, "content": []},
}
PROGRESS = {"type": "progress", "timestamp": ANSWER["timestamp"], "data": {"message": ANSWER}}
ROW = {
    "request_id": "r1",
    "call_type": "acompletion",
    "startTime": "2026-03-01T10:00:00Z",
    "endTime": 1772359201.5,
    "model": "claude-sonnet-4-5",
    "custom_llm_provider": "anthropic",
    "prompt_tokens": 10,
    "completion_tokens": 5,
    "total_tokens": 15,
    "team_id": "t",
    "cache_hit": "False",
    "metadata": {
        "usage_object": {**USAGE, "prompt_tokens_details": {"cached_tokens": 3}},
        "additional_usage": "{'a': 1}",
    },
}
INVOCATION = json.loads((PAYLOADS / "bedrock/invocations__claude.json").read_bytes().splitlines()[0])
REQUEST = {
    "event_id": "g",
    "occurred_at": "2026-03-01T10:00:00Z",
    "model": "m",
    "request_bytes": 1,
    "response_bytes": 2,
}
COPILOT = json.loads((PAYLOADS / "providers/copilot_day.ndjson").read_bytes().splitlines()[0])
DAY = date(2026, 11, 18)


def _transcript(data: bytes) -> None:
    transcript = Transcript(lambda _: None)
    transcript.read(io.BytesIO(data))
    for answer in transcript.answers():
        assert answer.total >= 0
        with contextlib.suppress(ValueError):
            token_events(answer, "github.com/a/b", None)
    transcript.links()


def _transcript_values(data: bytes) -> None:
    choices = Choices(data)
    lines = [
        json.dumps(choices.changed(choices.one((ANSWER, PROGRESS)), 3)).encode() for _ in range(1 + choices.number(4))
    ]
    text = b"\n".join(lines)
    # A crash while writing leaves the beginning of a line, sometimes with another in it.
    _transcript(text if choices.number(4) else text[: choices.number(len(text) + 1)])


def _litellm(data: bytes) -> None:
    choices = Choices(data)
    row = choices.rest() if choices.number(4) == 0 else json.dumps(choices.changed(ROW)).encode()
    with contextlib.suppress(UnusableRowError):
        found = request_of(decode_row(msgspec.Raw(row)))
        if isinstance(found, Request):
            token_event(found, "litellm")


def _bedrock(data: bytes) -> None:
    choices = Choices(data)
    line = choices.rest() if choices.number(4) == 0 else json.dumps(choices.changed(INVOCATION)).encode()
    with contextlib.suppress(UnusableLineError):
        found = parse_line(line, "team")
        if isinstance(found, Request):
            token_event(found, "bedrock")


def _gateway_file(data: bytes) -> None:
    choices = Choices(data)
    if choices.number(4) == 0:
        text: Any = io.TextIOWrapper(io.BytesIO(choices.rest()), encoding="utf-8-sig", newline="")
    else:
        text = iter([json.dumps(choices.changed(REQUEST)) + "\n" for _ in range(3)])
    with contextlib.suppress(SetUpError, *BROKEN):
        for item in _requests("log", text, lambda _place, _reason: None):
            assert item.event_id


def _copilot(data: bytes) -> None:
    choices = Choices(data)
    file = choices.rest() if choices.number(4) == 0 else json.dumps(choices.changed(COPILOT)).encode()
    with contextlib.suppress(UnreadableError):
        add_day(Report(), DAY, list(days_of(file)))


def _transcript_seeds() -> Iterator[bytes]:
    yield json.dumps(ANSWER).encode() + b"\n"
    yield json.dumps(PROGRESS).encode() + b"\n" + json.dumps(ANSWER).encode()[:200]
    yield json.dumps(ANSWER).encode()[:150] + json.dumps(ANSWER).encode()


def _seeds_of(*bodies: Any) -> Iterator[bytes]:
    for body in bodies:
        yield b"\0" + json.dumps(body).encode()
    yield b"\1" + bytes(range(40))


TARGETS = (
    Target("transcripts", _transcript, _transcript_seeds),
    Target("transcript_values", _transcript_values, lambda: _seeds_of(1), 256),
    Target("litellm", _litellm, lambda: _seeds_of(ROW), 2048),
    Target("bedrock", _bedrock, lambda: _seeds_of(INVOCATION), 2048),
    Target("gateway_file", _gateway_file, lambda: _seeds_of(REQUEST), 2048),
    Target("copilot", _copilot, lambda: _seeds_of(COPILOT), 2048),
)
