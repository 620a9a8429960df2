import json
from datetime import UTC, datetime
from typing import Any

import pytest

from schema.vocabulary.tokens import TokenCounts
from service.imports.claude_code import Answer, Skipped, parse_line, token_event

USAGE = {
    "input_tokens": 3,
    "cache_creation_input_tokens": 12,
    "cache_read_input_tokens": 900,
    "output_tokens": 41,
    "service_tier": "standard",
}


def line(message: dict[str, Any] | None = None, **changes: Any) -> bytes:
    """One line as the agent writes it; `message` changes the message, everything else the line."""
    whole = {
        "parentUuid": None,
        "isSidechain": False,
        "cwd": "/home/CANARY/project",
        "sessionId": "5c0ffee5-0000-4000-8000-000000000000",
        "gitBranch": "feature/log-in",
        "type": "assistant",
        "requestId": "req_1",
        "timestamp": "2026-01-05T09:00:00.123Z",
        "message": {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-sonnet-4-5-20250929",
            "content": [{"type": "text", "text": "CANARY answer"}],
            "usage": USAGE,
            **(message or {}),
        },
        **changes,
    }
    return json.dumps(whole).encode() + b"\n"


def answer(raw: bytes) -> Answer:
    read = parse_line(raw)
    assert isinstance(read, Answer)
    return read


def test_an_answer_is_read_with_its_disjoint_counts_and_context() -> None:
    read = answer(line())
    assert read.tokens == TokenCounts(input_uncached=3, cache_read=900, cache_write=12, output_visible=41)
    assert read.occurred_at == datetime(2026, 1, 5, 9, 0, 0, 123000, UTC)
    assert (read.session, read.branch, read.folder) == (
        "5c0ffee5-0000-4000-8000-000000000000",
        "feature/log-in",
        "/home/CANARY/project",
    )


def test_a_message_is_known_again_by_its_id_alone() -> None:
    assert answer(line()).message == answer(line(requestId="req_2", sessionId="other", cwd="/elsewhere")).message
    assert answer(line()).message != answer(line({"id": "msg_2"})).message


def test_what_is_sent_names_neither_message_nor_folder_nor_content() -> None:
    event = token_event(answer(line()), "github.com/octo-org/octo-repo", None)
    assert "msg_1" not in repr(event)
    assert "CANARY" not in repr(event)
    assert (event.source, event.provider, event.model) == ("claude-code", "anthropic", "claude-sonnet-4-5-20250929")
    assert (event.repository, event.branch) == ("github.com/octo-org/octo-repo", "feature/log-in")
    assert len(event.event_id) == 64


def test_a_model_of_another_cloud_loses_its_account() -> None:
    arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    event = token_event(answer(line({"model": arn})), None, None)
    assert (event.provider, event.model) == ("aws", "claude-sonnet-4-5-20250929")


def test_a_detached_head_is_no_branch() -> None:
    assert answer(line(gitBranch="HEAD")).branch is None
    assert answer(line(gitBranch="")).branch is None


def test_missing_counts_are_zero() -> None:
    assert answer(line({"usage": {"output_tokens": 5, "cache_read_input_tokens": None}})).tokens == TokenCounts(
        output_visible=5
    )


def test_an_emoji_cut_in_half_loses_no_tokens() -> None:
    cut = line().replace(b"CANARY answer", rb"a path C:\\ud83d and half an emoji \ud83d")
    assert answer(cut) == answer(line())


@pytest.mark.parametrize(
    "raw",
    [
        b"\n",
        b"  \n",
        b'{"type":"summary","summary":"CANARY","leafUuid":"x"}\n',
        json.dumps({"type": "user", "message": {"role": "user", "content": "CANARY"}}).encode(),
        json.dumps({"type": "user", "message": "CANARY"}).encode(),
        json.dumps({"type": "assistant"}).encode(),
        line({"usage": None}),
        line({"usage": {"input_tokens": 0, "output_tokens": 0}}),
    ],
)
def test_lines_without_tokens_are_passed_over(raw: bytes) -> None:
    assert parse_line(raw) is Skipped.OTHER


@pytest.mark.parametrize("raw", [line({"model": "<synthetic>"}), line(isApiErrorMessage=True)])
def test_messages_that_no_model_gave_are_left_out(raw: bytes) -> None:
    assert parse_line(raw) is Skipped.MADE_UP


@pytest.mark.parametrize(
    "raw",
    [
        line()[:-20],
        line()[40:],
        b"\x00\x00\x00\n",
        b"[]\n",
        b'"text"\n',
        line({"id": ""}),
        line({"usage": {"input_tokens": -1, "output_tokens": 4}}),
        line({"usage": {"input_tokens": "3"}}),
        line({"usage": {"input_tokens": 10**15}}),
        line(timestamp=None),
        line(timestamp="2026-01-05T09:00:00"),
        line(sessionId="x" * 201),
    ],
)
def test_half_lines_and_unknown_shapes_are_counted_as_broken(raw: bytes) -> None:
    assert parse_line(raw) is Skipped.BROKEN
