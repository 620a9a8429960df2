import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from schema.vocabulary.tokens import TokenCounts
from service.imports.litellm import SOURCE, Skipped, SpendLog, UnusableRowError, read_row, request_of
from service.imports.requests import Request, token_event

ROW: dict[str, Any] = {
    "request_id": "chatcmpl-1",
    "call_type": "acompletion",
    "api_key": "CANARY",
    "startTime": "2026-11-18T09:59:00Z",
    "endTime": "2026-11-18T10:00:00Z",
    "model": "anthropic/claude-sonnet-4-5-20250929",
    "custom_llm_provider": "anthropic",
    "user": "CANARY@example.com",
    "end_user": "CANARY",
    "team_id": "payments",
    "prompt_tokens": 1000,
    "completion_tokens": 50,
    "cache_hit": "False",
    "request_tags": ["CANARY"],
    "requester_ip_address": "CANARY",
    "messages": {"CANARY": 1},
    "metadata": {
        "user_api_key_alias": "CANARY",
        "usage_object": {
            "prompt_tokens": 1000,
            "cache_read_input_tokens": 600,
            "cache_creation_input_tokens": 100,
            "prompt_tokens_details": {"cached_tokens": 600, "audio_tokens": None},
            "completion_tokens_details": {"reasoning_tokens": 20},
        },
    },
}
SPLIT = TokenCounts(300, 600, 100, 30, 20)


def read(**values: Any) -> Request | Skipped:
    return request_of(msgspec.json.decode(json.dumps({**ROW, **values}), type=SpendLog))


def tokens(**values: Any) -> TokenCounts:
    found = read(**values)
    assert isinstance(found, Request)
    return found.tokens


def test_a_row_is_one_request_and_names_nobody() -> None:
    found = read()
    assert found == Request(
        "chatcmpl-1", datetime(2026, 11, 18, 10, tzinfo=UTC), ROW["model"], "anthropic", SPLIT, "payments"
    )
    event = token_event(found, SOURCE)  # type: ignore[arg-type]  # it is a request
    assert (event.provider, event.model, event.request_id) == ("anthropic", "claude-sonnet-4-5-20250929", "chatcmpl-1")
    assert "CANARY" not in repr(event)


def test_metadata_may_be_text_or_tell_it_the_older_way() -> None:
    usage = ROW["metadata"]["usage_object"]
    assert tokens(metadata=json.dumps(ROW["metadata"])) == SPLIT
    assert tokens(metadata={"usage_object": None, "additional_usage_values": usage}) == SPLIT


@pytest.mark.parametrize("metadata", [None, "", "CANARY", {}, [], {"usage_object": "CANARY"}, 7])
def test_without_a_split_all_input_is_uncached(metadata: Any) -> None:
    assert tokens(metadata=metadata) == TokenCounts(1000, 0, 0, 50, 0)


def test_parts_are_never_more_than_their_whole() -> None:
    assert tokens(prompt_tokens=500).total == 550


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"cache_hit": "True"}, Skipped.FROM_CACHE),
        ({"cache_hit": True}, Skipped.FROM_CACHE),
        ({"request_id": "chatcmpl-1_cache_hit1763460000.1"}, Skipped.FROM_CACHE),
        ({"prompt_tokens": 0, "completion_tokens": None}, Skipped.WITHOUT_TOKENS),
    ],
)
def test_what_cost_no_tokens_says_why(values: dict[str, Any], why: Skipped) -> None:
    assert read(**values) == why


def test_a_row_of_the_table_tells_the_same() -> None:
    row = {
        **{name: ROW[name] for name in ("request_id", "model", "custom_llm_provider", "team_id", "cache_hit")},
        "prompt_tokens": 1000,
        "completion_tokens": 50,
        "usage": json.dumps(ROW["metadata"]),
        "startTime": datetime(2026, 11, 18, 9, 59),  # noqa: DTZ001 - as the table has it
        "endTime": datetime(2026, 11, 18, 10),  # noqa: DTZ001 - as the table has it
    }
    assert request_of(read_row(row)) == read()


@pytest.mark.parametrize(
    ("column", "value"),
    [("prompt_tokens", -1), ("completion_tokens", 10**30), ("request_id", ""), ("endTime", "CANARY")],
)
def test_a_column_that_makes_no_sense_is_named_without_its_value(column: str, value: Any) -> None:
    with pytest.raises(UnusableRowError) as raised:
        read_row({**ROW, "usage": None, column: value})
    assert str(raised.value) == column
