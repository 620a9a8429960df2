"""What clients send besides telemetry: bulks of JSON, keys, cursors, periods and ids."""

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from schema.contracts.pull_request import PullRequestIn
from schema.contracts.release import ReleaseIn
from schema.errors import BadInputError
from schema.identifiers import Hasher, artifact_bytes
from service.api.cursors import decode_cursor, encode_cursor
from service.api.periods import Bucket, read_bucketed_period
from service.auth.key_text import bearer_text, make_key, parse_key
from service.contracts.gateway_usage import GatewayUsageBatch
from service.contracts.token_event import TokenEventBatch
from service.errors import UnauthorizedError
from service.gateway.bulk import read_bulk as read_gateway_bulk
from service.telemetry.bulk import read_bulk
from service.telemetry.hashing.rows import hash_readings
from tests.fuzz.inputs import Choices
from tests.fuzz.target import Target
from workers.forge_events.imported import pull_request_facts, release_facts

HASHER = Hasher(b"a key of the fuzzer, 32 bytes ..")
TODAY = date(2026, 3, 20)
EVENT = {
    "event_id": "e1",
    "occurred_at": "2026-03-01T10:00:00Z",
    "source": "claude-code",
    "provider": "anthropic",
    "model": "claude-sonnet-4-5",
    "team": "a",
    "session": "s",
    "request_id": "r",
    "repository": "github.com/a/b",
    "branch": "x",
    "commit": "a" * 40,
    "number": 7,
    "service_tier": "batch",
    "web_searches": 1,
    "tokens": {"input_uncached": 1, "cache_read": 2, "cache_write": 3, "cache_write_1h": 1, "output_visible": 4},
}
GATEWAY = {
    "event_id": "g1",
    "occurred_at": "2026-03-01T10:00:00Z",
    "request_bytes": 100,
    "response_bytes": 200,
    "model": "claude-sonnet-4-5",
    "provider": "anthropic",
    "team": "a",
    "source": "gateway",
}
PULL_REQUEST = {
    "forge": "github",
    "repository": "a/b",
    "number": 1,
    "state": "merged",
    "opened_at": "2026-03-01T10:00:00Z",
    "updated_at": "2026-03-02T10:00:00Z",
    "merged_at": "2026-03-02T09:00:00Z",
    "head_branch": "x",
    "base_branch": "main",
    "commits": [{"sha": "a" * 40, "authored_at": "2026-03-01T09:00:00Z"}],
    "reviews": ["2026-03-01T12:00:00Z"],
    "merge_commit": "b" * 40,
    "changed_lines": 5,
    "changed_files": 2,
    "reverts": [4],
    "code_owners": ["@a/b"],
}
RELEASE = {
    "forge": "github",
    "repository": "a/b",
    "tag": "v1.0.0",
    "state": "published",
    "commit": "c" * 40,
    "released_at": "2026-03-02T10:00:00Z",
    "branch": "main",
    "pull_requests": [1, 2],
}
WORDS = (
    *(
        "2026",
        "-",
        "01",
        "T",
        ":",
        "00",
        "Z",
        "+",
        "23:59",
        "0001",
        "9999",
        "12",
        "31",
        " ",
        "é",
        ".",
        "sl1_",
        "1",
        "_",
    ),
    *("Bearer ", "bearer", "a" * 43, "a1_", "f" * 64, "=", "A", "W10", "bnVsbA", "10000-01-01", "W251bGwsbnVsbF0"),
)


def _bulk(shape: Any, body: bytes) -> None:
    with contextlib.suppress(msgspec.MsgspecError, BadInputError, UnicodeDecodeError):
        batch = msgspec.json.decode(body, type=shape)
        parts = read_bulk(batch) if shape is TokenEventBatch else [read_gateway_bulk(batch)]
        for part in parts:
            hash_readings(HASHER, part, None)


def _bulks(data: bytes) -> None:
    _bulk(TokenEventBatch if data[:1] < b"\x80" else GatewayUsageBatch, data[1:])


def _bulk_values(data: bytes) -> None:
    choices = Choices(data)
    shape, item = choices.one(((TokenEventBatch, EVENT), (GatewayUsageBatch, GATEWAY)))
    _bulk(shape, json.dumps(choices.changed({"items": [item, item]})).encode())


def _life_cycles(data: bytes) -> None:
    choices = Choices(data)
    shape, item = choices.one(((PullRequestIn, PULL_REQUEST), (ReleaseIn, RELEASE)))
    with contextlib.suppress(msgspec.MsgspecError, BadInputError, UnicodeDecodeError):
        read = msgspec.json.decode(json.dumps(choices.changed(item)).encode(), type=shape)
        if isinstance(read, PullRequestIn):
            pull_request_facts(read)
        else:
            release_facts(read)


def _parameters(data: bytes) -> None:
    text = Choices(data).lines(WORDS)
    for shape in (tuple[datetime, bytes], tuple[str, int], Any):
        with contextlib.suppress(BadInputError):
            decode_cursor(text, shape)
    for bucket in Bucket:
        with contextlib.suppress(BadInputError):
            first, last = read_bucketed_period(text, text[::-1], bucket, TODAY)
            assert first <= last
        with contextlib.suppress(BadInputError):
            read_bucketed_period(None, text, bucket, TODAY)
    with contextlib.suppress(BadInputError):
        assert len(artifact_bytes(text)) == 32
    with contextlib.suppress(UnauthorizedError):
        assert parse_key(bearer_text(text)).organization_id > 0


def _bulk_seeds() -> Iterator[bytes]:
    yield b"\0" + json.dumps({"items": [EVENT]}).encode()
    yield b"\x80" + json.dumps({"items": [GATEWAY]}).encode()


def _parameter_seeds() -> Iterator[bytes]:
    for text in (encode_cursor(datetime(2026, 3, 1, tzinfo=UTC), b"a" * 32), "2026-01-01", f"Bearer {make_key(1)}"):
        yield b"\0" + text.encode()


def _no_seeds() -> Iterator[bytes]:
    yield from (b"", bytes(range(64)), b"\xff" * 40)


TARGETS = (
    Target("bulks", _bulks, _bulk_seeds),
    Target("bulk_values", _bulk_values, _no_seeds, 256),
    Target("life_cycles", _life_cycles, _no_seeds, 256),
    Target("parameters", _parameters, _parameter_seeds, 256),
)
