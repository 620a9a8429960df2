import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from service.imports.litellm import SOURCE, Skipped, UnusableRowError, decode_row, read_row, request_of
from service.imports.requests import Request, token_event
from vocabulary.tokens import TokenCounts

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
    return request_of(decode_row(msgspec.Raw(json.dumps({**ROW, **values}).encode())))


def found(**values: Any) -> Request:
    request = read(**values)
    assert isinstance(request, Request)
    return request


def usage(prompt: int, completion: int, total: int | None = None, **reported: Any) -> TokenCounts:
    """The tokens of a row with these totals, whose metadata reports the rest."""
    totals = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total or prompt + completion}
    return tokens(**totals, metadata={"usage_object": {**totals, **reported}})


def tokens(**values: Any) -> TokenCounts:
    return found(**values).tokens


def test_a_row_is_one_request_without_identities() -> None:
    request = found()
    assert request == Request(
        "chatcmpl-1", datetime(2026, 11, 18, 10, tzinfo=UTC), ROW["model"], "anthropic", SPLIT, "payments"
    )
    event = token_event(request, SOURCE)
    assert (event.provider, event.model, event.request_id) == ("anthropic", "claude-sonnet-4-5-20250929", "chatcmpl-1")
    assert "CANARY" not in repr(event)


def test_metadata_may_be_text_or_in_the_older_form() -> None:
    reported = ROW["metadata"]["usage_object"]
    assert tokens(metadata=json.dumps(ROW["metadata"])) == SPLIT
    assert tokens(metadata={"usage_object": None, "additional_usage_values": reported}) == SPLIT
    assert tokens(metadata={"usage_object": json.dumps(reported)}) == SPLIT
    assert tokens(metadata={"usage_object": repr(reported)}) == SPLIT


@pytest.mark.parametrize("metadata", [None, "", "CANARY", {}, [], {"usage_object": "CANARY"}, 7])
def test_without_a_split_all_input_is_uncached(metadata: Any) -> None:
    assert tokens(metadata=metadata) == TokenCounts(1000, 0, 0, 50, 0)


def test_a_part_larger_than_its_whole_stands_beside_it() -> None:
    assert tokens(prompt_tokens=500) == TokenCounts(500, 600, 100, 30, 20)
    assert usage(31, 467, cache_creation_input_tokens=1253, cache_read_input_tokens=0) == TokenCounts(31, 0, 1253, 467)


def test_a_total_decides_whether_a_part_stands_beside_its_whole() -> None:
    thought = {"completion_tokens_details": {"reasoning_tokens": 317}}
    assert usage(12, 2, 331, **thought) == TokenCounts(12, 0, 0, 2, 317)
    assert usage(12, 400, 729, **thought) == TokenCounts(12, 0, 0, 400, 317)
    assert usage(12, 400, 412, **thought) == TokenCounts(12, 0, 0, 83, 317)
    assert tokens(
        prompt_tokens=12,
        completion_tokens=2,
        total_tokens=14,
        metadata={"usage_object": {"total_tokens": 331, **thought}},
    ) == TokenCounts(12, 0, 0, 2, 317)
    assert usage(1000, 10, 1710, cache_read_input_tokens=700) == TokenCounts(1000, 700, 0, 10)


@pytest.mark.parametrize(
    "reported",
    [
        {"prompt_tokens_details": {"cached_tokens": 2000, "cache_write_tokens": 400}},
        {"prompt_tokens_details": {"cached_tokens": 2000, "cache_creation_tokens": 400}},
        {"cache_read_input_tokens": 2000, "cache_creation_input_tokens": 400},
        {"cache_read_input_tokens": "2000", "cache_creation_input_tokens": 400.0},
        {"input_tokens_details": {"cached_tokens": 2000}, "cache_write_tokens": 400},
        {"prompt_tokens_details": "PromptTokensDetailsWrapper(cached_tokens=2000, cache_write_tokens=400)"},
        {"prompt_tokens_details": "{'cached_tokens': 2000, 'cache_write_tokens': 400, 'audio_tokens': None}"},
        {"prompt_tokens_details": {"cached_tokens": 2000, "cache_write_tokens": 400}, "cache_read_input_tokens": -1},
    ],
)
def test_every_spelling_of_the_cache_is_read(reported: dict[str, Any]) -> None:
    assert usage(2600, 10, **reported) == TokenCounts(200, 2000, 400, 10)


def test_details_that_python_printed_hide_nothing() -> None:
    reported = {
        "prompt_tokens_details": {"cached_tokens": 48512, "audio_tokens": 0},
        "completion_tokens_details": "CompletionTokensDetails(reasoning_tokens=86)",
    }
    assert usage(48711, 186, **reported) == TokenCounts(199, 48512, 0, 100, 86)


def test_usage_alone_also_holds_the_totals() -> None:
    assert tokens(prompt_tokens=0, completion_tokens=None, metadata={"usage_object": {"input_tokens": 7}}).total == 7


@pytest.mark.parametrize("missing", ["", None, "None", "null", " ", {"CANARY": 1}])
def test_a_row_without_an_id_counts_once_by_its_content(missing: Any) -> None:
    request = found(request_id=missing)
    assert (request.request_id, request.tokens) == ("", SPLIT)
    event, again = (token_event(each, SOURCE) for each in (request, found(request_id=missing)))
    assert event.request_id is None
    assert event.event_id == again.event_id
    other = token_event(found(request_id=missing, endTime="2026-11-18T10:00:01Z"), SOURCE)
    assert other.event_id != event.event_id
    assert "CANARY" not in repr(event)


@pytest.mark.parametrize(
    ("values", "instant"),
    [
        ({"endTime": "2026-11-18 10:00:00"}, datetime(2026, 11, 18, 10, tzinfo=UTC)),
        ({"endTime": "2026-11-18T11:00:00+01:00"}, datetime(2026, 11, 18, 10, tzinfo=UTC)),
        ({"endTime": 1795082400}, datetime(2026, 11, 19, 10, tzinfo=UTC)),
        ({"endTime": 1795082400000}, datetime(2026, 11, 19, 10, tzinfo=UTC)),
        ({"endTime": "1795082400"}, datetime(2026, 11, 19, 10, tzinfo=UTC)),
        ({"endTime": None}, datetime(2026, 11, 18, 9, 59, tzinfo=UTC)),
        ({"endTime": "1970-01-01T00:00:00Z"}, datetime(2026, 11, 18, 9, 59, tzinfo=UTC)),
        ({"endTime": "2999-01-01T00:00:00Z"}, datetime(2026, 11, 18, 9, 59, tzinfo=UTC)),
        ({"endTime": "CANARY"}, datetime(2026, 11, 18, 9, 59, tzinfo=UTC)),
        ({"startTime": None}, datetime(2026, 11, 18, 10, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_in_any_form_and_one_of_two_is_enough(values: dict[str, Any], instant: datetime) -> None:
    assert found(**values).ended_at == instant


def test_names_that_are_missing_or_odd_lose_no_tokens() -> None:
    request = found(model=None, custom_llm_provider=None, team_id=7, prompt_tokens="1000", completion_tokens=50.0)
    assert (request.model, request.provider, request.team, request.tokens) == ("", "", "7", SPLIT)
    odd = found(model="m" * 3_000, custom_llm_provider="p" * 900, team_id="pay\0ments\n", request_id="r\0" * 900)
    event = token_event(odd, SOURCE)
    assert (len(event.model) <= 100, len(event.provider) <= 100, event.team) == (True, True, "payments")
    assert event.request_id is None


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"cache_hit": "True"}, Skipped.FROM_CACHE),
        ({"cache_hit": True}, Skipped.FROM_CACHE),
        ({"request_id": "chatcmpl-1_cache_hit1763460000.1"}, Skipped.FROM_CACHE),
        ({"prompt_tokens": 0, "completion_tokens": None, "metadata": {}}, Skipped.WITHOUT_TOKENS),
    ],
)
def test_what_cost_no_tokens_says_why(values: dict[str, Any], why: Skipped) -> None:
    assert read(**values) == why


def test_a_row_of_the_table_is_read_the_same_way() -> None:
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
    [("prompt_tokens", -1), ("completion_tokens", 10**30), ("total_tokens", "CANARY"), ("prompt_tokens", 1.5)],
)
def test_a_column_that_makes_no_sense_is_named_without_its_value(column: str, value: Any) -> None:
    for log in (
        read_row({**ROW, "usage": None, column: value}),
        decode_row(msgspec.Raw(json.dumps({**ROW, column: value}).encode())),
    ):
        with pytest.raises(UnusableRowError) as raised:
            request_of(log)
        assert str(raised.value) == column


def test_a_row_without_any_time_is_named() -> None:
    with pytest.raises(UnusableRowError, match="startTime"):
        read(startTime="CANARY", endTime=None)


@pytest.mark.parametrize("raw", [b"7", b"null", b'"CANARY"', b"[]"])
def test_what_is_no_row_is_named(raw: bytes) -> None:
    with pytest.raises(UnusableRowError, match="row"):
        decode_row(msgspec.Raw(raw))


def test_what_decides_a_price_beside_tokens_is_kept() -> None:
    reported = {
        "prompt_tokens_details": {
            "cached_tokens": 0,
            "cache_creation_tokens": 500,
            "cache_creation_token_details": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 300},
        },
        "server_tool_use": {"web_search_requests": 2, "code_execution_requests": 1},
        "service_tier": "priority",
        "inference_geo": "us",
    }
    event = token_event(found(metadata={"usage_object": reported}), SOURCE)
    assert (event.tokens.cache_write, event.tokens.cache_write_1h) == (500, 300)
    assert (event.service_tier, event.web_searches, event.code_executions) == ("priority+us", 2, 1)


@pytest.mark.parametrize(
    ("values", "tier"),
    [
        ({"metadata": {"usage_object": {"service_tier": "standard", "inference_geo": "not_available"}}}, ""),
        ({"metadata": {"usage_object": {"speed": "fast"}}}, "fast"),
        ({"metadata": {"service_tier": "flex"}}, "flex"),
        ({"call_type": "aretrieve_batch"}, "batch"),
        ({"metadata": {"usage_object": {"service_tier": None}}}, ""),
        ({"metadata": {"usage_object": {"service_tier": {"CANARY": 1}}}}, ""),
    ],
)
def test_the_tier_is_whatever_is_beside_standard(values: dict[str, Any], tier: str) -> None:
    assert found(**values).extras.service_tier == tier


def test_an_hour_of_cache_is_never_more_than_what_was_written() -> None:
    reported = {"cache_creation_input_tokens": 100, "cache_creation": {"ephemeral_1h_input_tokens": 700}}
    written = token_event(found(metadata={"usage_object": reported}), SOURCE).tokens
    # The larger of two counts of the same counts, as in transcripts and telemetry.
    assert (written.cache_write, written.cache_write_1h) == (700, 700)


def test_cache_writes_reported_by_lifetime_alone_are_cache_writes() -> None:
    lifetimes = {"ephemeral_5m_input_tokens": 700, "ephemeral_1h_input_tokens": 300}
    assert usage(1010, 5, cache_creation=lifetimes) == TokenCounts(10, 0, 1000, 5)
    nested = {"cache_creation_token_details": lifetimes}
    assert usage(1010, 5, cache_creation=lifetimes, prompt_tokens_details=nested) == TokenCounts(10, 0, 1000, 5)


def test_a_total_alone_is_input() -> None:
    assert tokens(prompt_tokens=0, completion_tokens=0, total_tokens=150, metadata={}) == TokenCounts(150)


@pytest.mark.parametrize("time", ["1795168800.123", 1795168800.123, "1795168800", 1795168800123])
def test_a_time_may_be_seconds_or_milliseconds_as_number_or_text(time: Any) -> None:
    assert found(startTime=time, endTime=time).ended_at.year == 2026
