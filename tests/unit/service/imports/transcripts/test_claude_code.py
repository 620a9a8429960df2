import json
from datetime import UTC, datetime
from typing import Any

import pytest

from service.contracts.token_event import TokenEventIn
from service.imports.transcripts.claude_code import (
    Answer,
    InProgress,
    Problem,
    Reason,
    Skipped,
    parse_record,
    token_events,
)
from vocabulary.tokens import TokenCounts

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
    read = parse_record(raw)
    assert isinstance(read, Answer)
    return read


def token_event(read: Answer, repository: str | None = None, team: str | None = None) -> TokenEventIn:
    (event,) = token_events(read, repository, team)
    return event


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
    assert event.branch is None, "the session may be on another branch by then"
    assert (event.repository, event.start_branch) == ("github.com/octo-org/octo-repo", "feature/log-in")
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
    assert parse_record(raw) is Skipped.OTHER


@pytest.mark.parametrize("raw", [line({"model": "<synthetic>"}), line(isApiErrorMessage=True)])
def test_messages_that_no_model_gave_are_left_out(raw: bytes) -> None:
    assert parse_record(raw) is Skipped.MADE_UP


@pytest.mark.parametrize(
    ("raw", "reason", "tokens"),
    [
        (line()[:-20], Reason.INCOMPLETE, 956),
        (line()[40:], Reason.INCOMPLETE, 956),
        (b"\x00\x00\x00\n", Reason.INCOMPLETE, 0),
        (b"[]\n", Reason.INCOMPLETE, 0),
        (b'"text"\n', Reason.INCOMPLETE, 0),
        (line({"id": ""}, requestId=None, uuid=None), Reason.ID, 956),
        (line({"usage": {"input_tokens": "many"}}), Reason.COUNT, 0),
        (line({"usage": {"input_tokens": 10**15}}), Reason.COUNT, 0),
        (line(timestamp=None), Reason.TIME, 956),
        (line(timestamp="yesterday"), Reason.TIME, 956),
        (line(timestamp="1926-01-05T09:00:00Z"), Reason.TIME, 956),
    ],
)
def test_what_is_left_out_has_a_reason_and_the_tokens_that_can_be_seen(raw: bytes, reason: Reason, tokens: int) -> None:
    assert parse_record(raw) == Problem(reason, tokens)


@pytest.mark.parametrize("count", [8000, 8000.0, "8000"])
def test_a_number_may_be_written_as_text_or_float(count: object) -> None:
    assert answer(line({"usage": {"input_tokens": count, "output_tokens": 4}})).tokens == TokenCounts(8000, 0, 0, 4)


def test_a_count_that_is_no_number_leaves_the_others() -> None:
    read = answer(line({"usage": {"input_tokens": -1, "output_tokens": 4}}))
    assert (read.tokens, read.flawed) == (TokenCounts(output_visible=4), True)
    assert not answer(line()).flawed


@pytest.mark.parametrize(
    "timestamp",
    [
        "2026-01-05T09:00:00.123Z",
        "2026-01-05T09:00:00.123",
        "2026-01-05T09:00:00.123+0000",
        "2026-01-05 10:00:00.123+01:00",
        1767603600123,
        1767603600.123,
        "1767603600123",
        1767603600123000,
    ],
)
def test_a_time_may_lack_its_zone_or_count_from_1970(timestamp: object) -> None:
    assert answer(line(timestamp=timestamp)).occurred_at == datetime(2026, 1, 5, 9, 0, 0, 123000, UTC)


def test_without_a_message_id_the_request_or_record_is_known_again() -> None:
    assert answer(line({"id": None})).message == answer(line({"id": ""}, uuid="other")).message
    assert answer(line({"id": None})).message != answer(line({"id": None}, requestId="req_2")).message
    assert answer(line({"id": None}, requestId=None, uuid="u")).message


def test_an_overlong_session_or_branch_is_left_out() -> None:
    read = answer(line(sessionId="x" * 201, gitBranch="x" * 1001, requestId="x" * 201))
    assert (read.session, read.branch, read.request) == (None, None, None)


def test_the_request_id_joins_the_response_with_telemetry() -> None:
    assert token_event(answer(line())).request_id == "req_1"


def test_cache_writes_keep_their_lifetime() -> None:
    lifetimes = {"ephemeral_5m_input_tokens": 700, "ephemeral_1h_input_tokens": 300}
    only = token_event(answer(line({"usage": {"input_tokens": 10, "cache_creation": lifetimes}}))).tokens
    assert (only.cache_write, only.cache_write_1h) == (1000, 300)
    whole = {"cache_creation_input_tokens": 1500, "cache_creation": lifetimes}
    both = token_event(answer(line({"usage": whole}))).tokens
    assert (both.cache_write, both.cache_write_1h) == (1500, 300)


def test_what_else_decides_the_price_is_kept() -> None:
    tools = {"web_search_requests": 2, "web_fetch_requests": 5, "code_execution_requests": 1}
    usage = {**USAGE, "speed": "fast", "service_tier": "priority", "inference_geo": "us", "server_tool_use": tools}
    event = token_event(answer(line({"usage": usage})))
    assert (event.service_tier, event.web_searches, event.code_executions) == ("fast+priority+us", 2, 1)
    standard = token_event(answer(line({"usage": {**USAGE, "speed": "standard", "inference_geo": "not_available"}})))
    assert (standard.service_tier, standard.web_searches) == ("", 0)


def iteration(kind: str, model: str | None, *counts: int) -> dict[str, Any]:
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")
    return {"type": kind, "model": model, **dict(zip(names, counts, strict=True))}


OWN = [iteration("message", None, 10, 100, 0, 5), iteration("message", "claude-sonnet-4-5-20250929", 12, 120, 0, 7)]
ADVISOR = iteration("advisor_message", "claude-opus-4-5-20251101", 3000, 500, 100, 900)


def iterated(flat: dict[str, Any], *iterations: dict[str, Any]) -> list[tuple[str, TokenCounts]]:
    usage = {name: count for name, count in flat.items() if name not in {"type", "model"}}
    read = answer(line({"usage": {**usage, "iterations": list(iterations)}}))
    events = token_events(read, None, None)
    assert len({event.event_id for event in events}) == len(events)
    assert [event.request_id for event in events] == ["req_1", *[None] * (len(events) - 1)]
    assert sum(event.tokens.input_uncached + event.tokens.cache_read for event in events) <= read.total
    fields = TokenCounts._fields
    return [(event.model, TokenCounts(*(getattr(event.tokens, field) for field in fields))) for event in events]


def test_an_advisor_of_another_model_is_a_request_of_its_own() -> None:
    assert iterated(iteration("", None, 22, 220, 0, 12), OWN[0], ADVISOR, OWN[1]) == [
        ("claude-sonnet-4-5-20250929", TokenCounts(22, 220, 0, 12)),
        ("claude-opus-4-5-20251101", TokenCounts(3000, 500, 100, 900)),
    ]


def test_iterations_of_the_own_model_count_where_the_flat_fields_hold_less() -> None:
    assert iterated(iteration("", None, 12, 120, 0, 7), *OWN) == [
        ("claude-sonnet-4-5-20250929", TokenCounts(22, 220, 0, 12))
    ]


def test_a_compaction_is_left_out_of_the_flat_fields() -> None:
    compaction = iteration("compaction", None, 180_000, 0, 0, 3_500)
    assert iterated(iteration("", None, 22, 220, 0, 12), compaction, *OWN)[1] == (
        "claude-sonnet-4-5-20250929",
        TokenCounts(180_000, 0, 0, 3_500),
    )


def test_an_inference_of_another_model_that_the_flat_fields_include_counts_once() -> None:
    other = iteration("message", "claude-haiku-4-5-20251001", 1, 2, 3, 4)
    assert iterated(iteration("", None, 23, 222, 3, 16), *OWN, other) == [
        ("claude-sonnet-4-5-20250929", TokenCounts(22, 220, 0, 12)),
        ("claude-haiku-4-5-20251001", TokenCounts(1, 2, 3, 4)),
    ]


def test_a_sub_agents_response_in_a_progress_record_is_known_by_its_message() -> None:
    nested = json.loads(line())
    raw = json.dumps({"type": "progress", "data": {"message": nested}, "timestamp": nested["timestamp"]}).encode()
    assert parse_record(raw) == InProgress(answer(line()).message, 956)
