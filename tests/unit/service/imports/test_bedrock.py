import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schema.errors import SetUpError
from service.imports.bedrock import SOURCE, Skipped, UnusableLineError, parse_line
from service.imports.bedrock_reader import find_files, read_requests
from service.imports.left_out import UnusableRow
from service.imports.requests import Extras, Request, token_event
from vocabulary.tokens import TokenCounts

PAYLOAD = Path(__file__).resolve().parents[3] / "payloads" / "bedrock" / "invocations__claude.json"
LINES = PAYLOAD.read_bytes().splitlines()


def changed(**values: Any) -> bytes:
    return json.dumps({**json.loads(LINES[0]), **values}).encode()


def test_a_request_is_read_with_its_cache_apart_and_without_identities() -> None:
    found = parse_line(LINES[0], "team")
    assert isinstance(found, Request)
    assert found.tokens == TokenCounts(input_uncached=35, cache_read=11_000, cache_write=2_500, output_visible=446)
    assert (found.ended_at, found.team) == (datetime(2026, 11, 18, 10, 0, 17, tzinfo=UTC), "payments")
    event = token_event(found, SOURCE)
    assert (event.provider, event.model) == ("aws", "claude-sonnet-4-5-20250929")
    assert event.request_id == "915a6a04-3f83-4c70-a277-7fbf7ea546b3"
    assert "CANARY" not in repr(event)
    assert "123456789012" not in repr(event)


def test_the_team_is_read_only_from_the_given_key() -> None:
    found = parse_line(LINES[0])
    assert isinstance(found, Request)
    assert found.team is None


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (LINES[2], Skipped.WITHOUT_TOKENS),
        (LINES[3], Skipped.OTHER),
        (b"", Skipped.OTHER),
        (b"[1, 2]", Skipped.BROKEN),
        (LINES[0][:300], Skipped.BROKEN),
        (b'{"schemaType": 7}', Skipped.OTHER),
    ],
)
def test_a_record_without_tokens_gives_the_reason(line: bytes, why: Skipped) -> None:
    assert parse_line(line) == why


def test_a_line_exported_from_cloudwatch_has_a_time_in_front() -> None:
    assert parse_line(b"2026-11-18T10:00:17.000Z " + LINES[0]) == parse_line(LINES[0])


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (changed(input={"inputTokenCount": -1}), "input.inputTokenCount"),
        (changed(input={"inputTokenCount": 10**30}), "input.inputTokenCount"),
        (changed(output={"outputTokenCount": "CANARY"}), "output.outputTokenCount"),
        (changed(timestamp="CANARY"), "timestamp"),
        (b'{"schemaType":"ModelInvocationLog","input":{"inputTokenCount":5}}', "timestamp"),
        (changed(input="CANARY"), "input"),
        (changed(timestamp="1970-01-01T00:00:00Z"), "timestamp"),
        (changed(timestamp="0001-01-01T00:00:00+14:00"), "timestamp"),
    ],
)
def test_counts_that_make_no_sense_are_refused_by_their_field_alone(line: bytes, field: str) -> None:
    with pytest.raises(UnusableLineError) as raised:
        parse_line(line)
    assert str(raised.value) == field


def test_a_folder_is_read_whole_whatever_is_zipped(tmp_path: Path) -> None:
    day = tmp_path / "AWSLogs" / "2026" / "11" / "18" / "10"
    day.mkdir(parents=True)
    (day / "a.json.gz").write_bytes(gzip.compress(PAYLOAD.read_bytes()))
    (day / "b.json").write_bytes(PAYLOAD.read_bytes())
    (day / "notes.txt").write_text("CANARY")
    files = find_files(tmp_path)
    assert [file.name for file in files] == ["a.json.gz", "b.json"]
    skipped: Counter[Skipped] = Counter()
    assert len(list(read_requests(files, skipped, lambda _: None))) == 4
    assert skipped == {Skipped.WITHOUT_TOKENS: 2, Skipped.OTHER: 2}


def test_a_file_cut_off_in_the_middle_is_named(tmp_path: Path) -> None:
    (tmp_path / "half.json.gz").write_bytes(gzip.compress(PAYLOAD.read_bytes())[:200])
    with pytest.raises(SetUpError, match=r"half\.json\.gz cannot be read completely"):
        list(read_requests(find_files(tmp_path), Counter(), lambda _: None))


def test_a_line_that_cannot_be_used_is_named_by_file_line_and_field_and_stops_no_other(tmp_path: Path) -> None:
    lines = [LINES[0], changed(input={"inputTokenCount": -5}), b"", changed(requestId="req-2")]
    (tmp_path / "odd.json").write_bytes(b"\n".join(lines))
    left_out: list[UnusableRow] = []
    found = read_requests(find_files(tmp_path), Counter(), lambda _: None, leave_out=left_out.append)
    assert [request.request_id[:5] for request in found] == ["915a6", "req-2"]
    assert [(row.place, row.field) for row in left_out] == [("odd.json, line 2", "input.inputTokenCount")]


def test_a_broken_line_with_counts_is_left_out_with_its_tokens(tmp_path: Path) -> None:
    (tmp_path / "cut.json").write_bytes(changed(input={"inputTokenCount": 41, "outputTokenCount": 0})[:-20])
    left_out: list[UnusableRow] = []
    skipped: Counter[Skipped] = Counter()
    assert list(read_requests(find_files(tmp_path), skipped, lambda _: None, leave_out=left_out.append)) == []
    ((place, field, _, tokens),) = left_out
    assert (place, field, skipped[Skipped.BROKEN]) == ("cut.json, line 1", "line", 0)
    assert tokens >= 41


@pytest.mark.parametrize("missing", [None, "", "  "])
def test_a_request_without_an_id_counts_once_by_its_content(missing: str | None) -> None:
    found = [parse_line(changed(requestId=missing)) for _ in range(2)]
    assert all(isinstance(each, Request) and each.tokens.total for each in found)
    first, again = (token_event(each, SOURCE) for each in found if isinstance(each, Request))
    assert first == again
    assert first.request_id is None


def test_counts_as_text_and_odd_metadata_lose_no_tokens() -> None:
    found = parse_line(
        changed(
            input={"inputTokenCount": "35", "cacheReadInputTokenCount": None},
            output={"outputTokenCount": 446.0},
            requestMetadata={"team": 7, "other": None},
            modelId=None,
        ),
        "team",
    )
    assert isinstance(found, Request)
    assert (found.tokens, found.model, found.team) == (TokenCounts(35, 0, 0, 446), "", "7")


def test_a_folder_without_logs_says_so(tmp_path: Path) -> None:
    with pytest.raises(SetUpError, match="no invocation logs"):
        find_files(tmp_path)


CONVERSE = {"usage": {"cacheDetails": [{"ttl": "1h", "inputTokens": 700}, {"ttl": "5m", "inputTokens": 1800}]}}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (CONVERSE, Extras(700)),
        ({**CONVERSE, "serviceTier": {"type": "flex"}, "output": {"CANARY": ["CANARY"]}}, Extras(700, "flex")),
        ([{"contentBlockDelta": {"delta": {"text": "CANARY"}}}, {"metadata": {**CONVERSE}}], Extras(700)),
        (
            [
                {"type": "message_start", "message": {"usage": {"cache_creation": {"ephemeral_1h_input_tokens": 900}}}},
                {"type": "message_delta", "usage": {"server_tool_use": {"web_search_requests": 3}}},
            ],
            Extras(900, "", 3),
        ),
        ({"usage": {"service_tier": "priority", "inference_geo": "us"}}, Extras(0, "priority+us")),
        ({"serviceTier": {"type": "default"}, "usage": "CANARY"}, Extras()),
        ({"usage": {"cacheDetails": "CANARY"}, "metadata": 7, "message": "CANARY"}, Extras()),
        ("CANARY", Extras()),
        (None, Extras()),
    ],
)
def test_the_body_yields_tier_lifetimes_and_searches_and_nothing_else(body: Any, expected: Extras) -> None:
    found = parse_line(changed(output={"outputTokenCount": 446, "outputBodyJson": body}))
    assert isinstance(found, Request)
    assert found.extras == expected
    event = token_event(found, SOURCE)
    assert (event.tokens.cache_write, event.tokens.cache_write_1h) == (2_500, expected.cache_write_1h)
    assert event.service_tier == expected.service_tier
    assert "CANARY" not in repr(event)


def test_the_record_may_hold_lifetimes_and_tier_itself() -> None:
    details = [{"ttl": "1h", "inputTokens": 2_000}]
    found = parse_line(changed(input={"cacheWriteInputTokenCount": 2_500, "cacheDetails": details}, serviceTier="flex"))
    assert isinstance(found, Request)
    assert found.extras == Extras(2_000, "flex")
