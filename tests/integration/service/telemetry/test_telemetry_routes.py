"""POST /v1/logs, /v1/metrics, /v1/traces: what is stored, and how often."""

import asyncio
import gzip
import itertools
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import httpx
import pytest
import redis

from schema.queue import Job, marker_key
from tests.harness.organization import Organization
from tests.harness.otlp import (
    JSON,
    PROTOBUF,
    REVISION,
    as_json,
    as_protobuf,
    claude_commit,
    claude_logs,
    claude_request,
    codex_completion,
    gemini_response,
    logs,
)
from vocabulary.tokens import TokenCounts

Received = Callable[[], Awaitable[tuple[int, TokenCounts]]]
Rows = Callable[[str], Awaitable[list[asyncpg.Record]]]

ONE_REQUEST = TokenCounts(1200, 4500, 300, 42, 0)


def times(number: int) -> tuple[int, TokenCounts]:
    return number, TokenCounts(*(kind * number for kind in ONE_REQUEST))


@pytest.mark.shared
@pytest.mark.parametrize("agent", ["claude-code", "codex", "gemini-cli"])
async def test_every_body_of_an_agent_sent_twice_ends_with_the_expected_totals(
    agent: str, shared: Path, client: httpx.AsyncClient, organization: Organization, received: Received, rows: Rows
) -> None:
    expected = json.loads((shared / "telemetry/expected.json").read_text())[agent]
    bodies = sorted((shared / "telemetry" / agent).glob("[0-9]*"))
    assert bodies
    for path in bodies * 2:
        headers = organization.headers | (JSON if path.suffix == ".json" else PROTOBUF)
        answer = await client.post(f"/v1/{path.stem.split('-')[1]}", content=path.read_bytes(), headers=headers)
        assert (answer.status_code, answer.content) == (200, b"{}" if path.suffix == ".json" else b"")
    requests, tokens = await received()
    assert requests == expected["requests"]
    assert tokens._asdict() == {kind: expected[kind] for kind in TokenCounts._fields}
    events = await rows("token_event")
    assert {row["model"] for row in events} == {expected["model"]}


@pytest.mark.shared
async def test_every_body_of_litellm_sent_twice_ends_with_the_expected_totals(
    shared: Path, client: httpx.AsyncClient, organization: Organization, received: Received, rows: Rows
) -> None:
    expected = json.loads((shared / "telemetry/expected.json").read_text())["litellm"]
    bodies = sorted((shared / "telemetry/litellm").glob("[0-9]*"))
    assert bodies
    for path in bodies * 2:
        signal = path.stem.split("-")[1]
        answer = await client.post(f"/v1/{signal}", content=path.read_bytes(), headers=organization.headers | PROTOBUF)
        assert (answer.status_code, answer.content) == (200, b"")
    requests, tokens = await received()
    assert requests == expected["requests"] == len(await rows("token_event"))
    assert (sum(tokens[:3]), sum(tokens[3:])) == (expected["input_total"], expected["output_total"])


@pytest.mark.shared
async def test_a_commit_reported_by_claude_code_becomes_session_evidence(
    shared: Path, client: httpx.AsyncClient, organization: Organization, rows: Rows
) -> None:
    expected = json.loads((shared / "telemetry/expected.json").read_text())["claude-code"]
    for path in sorted((shared / "telemetry/claude-code").glob("*logs*")):
        await client.post("/v1/logs", content=path.read_bytes(), headers=organization.headers | PROTOBUF)
    (evidence,) = await rows("session_evidence")
    events = await rows("token_event")
    assert evidence["commit"] == organization.hasher.commit(expected["commit"])
    assert evidence["branch"] == organization.hasher.branch(expected["branch"])
    assert {row["session"] for row in events} == {evidence["session"]}
    assert {row["repository"] for row in events} == {evidence["repository"]}


async def test_a_request_is_stored_as_hashes(client: httpx.AsyncClient, organization: Organization, rows: Rows) -> None:
    body = claude_logs(claude_request(), claude_commit())
    answer = await client.post("/v1/logs", content=as_protobuf(body), headers=organization.headers | PROTOBUF)
    assert answer.status_code == 200
    (event,) = await rows("token_event")
    (evidence,) = await rows("session_evidence")
    (team,) = [row for row in await rows("team") if not row["is_default"]]
    assert (event["source"], event["provider"], event["model"]) == ("claude-code", "anthropic", "claude-sonnet-4-5")
    assert (team["name"], event["team_id"]) == ("platform", team["team_id"])
    assert event["session"] == evidence["session"] == organization.hasher.session("claude-code", "CANARY-session")
    assert evidence["commit"] == organization.hasher.commit(REVISION)
    assert (event["commit"], event["branch"]) == (None, None)
    (batch,) = await rows("intake_batch")
    assert (batch["batch_id"], batch["events"], batch["state"]) == (event["batch_id"], 1, "waiting")


async def test_the_same_records_count_once_however_they_are_sent(
    client: httpx.AsyncClient, organization: Organization, received: Received
) -> None:
    requests = [claude_request(sequence) for sequence in range(6)]
    batches = [requests, requests, requests[:2], requests[2:], [requests[0], requests[0]], requests[::-1]]
    for batch, (encode, headers) in zip(batches, itertools.cycle([(as_protobuf, PROTOBUF), (as_json, JSON)])):
        body = encode(claude_logs(*batch))
        assert (await client.post("/v1/logs", content=body, headers=organization.headers | headers)).status_code == 200
    assert await received() == times(6)


async def test_requests_that_share_a_request_id_all_count(
    client: httpx.AsyncClient, organization: Organization, received: Received
) -> None:
    body = as_json(claude_logs(claude_request(1), claude_request(2)))
    await client.post("/v1/logs", content=body, headers=organization.headers | JSON)
    assert await received() == times(2)


async def test_identical_bodies_at_the_same_time_add_once(
    client: httpx.AsyncClient, organization: Organization, received: Received
) -> None:
    body = as_protobuf(claude_logs(*(claude_request(sequence) for sequence in range(20))))
    sent = [client.post("/v1/logs", content=body, headers=organization.headers | PROTOBUF) for _ in range(12)]
    assert {answer.status_code for answer in await asyncio.gather(*sent)} == {200}
    assert await received() == times(20)


async def test_several_agents_in_one_body_all_count(
    client: httpx.AsyncClient, organization: Organization, rows: Rows, received: Received
) -> None:
    body = as_json(logs(codex_completion(), gemini_response(), resource={"team.id": "platform"}))
    await client.post("/v1/logs", content=body, headers=organization.headers | JSON)
    assert {row["source"] for row in await rows("token_event")} == {"codex", "gemini-cli"}
    assert await received() == (2, TokenCounts(600 + 605, 900 + 900, 0, 47 + 47, 33 + 33))


async def test_an_unknown_service_is_acknowledged_and_dropped(
    client: httpx.AsyncClient, organization: Organization, rows: Rows
) -> None:
    record = claude_request()
    body = as_json(logs(record, resource={"service.name": "something-else", "team.id": "CANARY"}))
    answer = await client.post("/v1/logs", content=body, headers=organization.headers | JSON)
    assert (answer.status_code, answer.json()) == (200, {})
    assert not await rows("token_event")
    assert len(await rows("team")) == 1


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 100):
        yield body[start : start + 100]


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes), ("GZIP", gzip.compress)],
)
async def test_compressed_and_chunked_bodies_are_read(
    encoding: str,
    compress: Callable[[bytes], bytes],
    client: httpx.AsyncClient,
    organization: Organization,
    received: Received,
) -> None:
    body = compress(as_protobuf(claude_logs(claude_request())))
    headers = organization.headers | PROTOBUF | {"Content-Encoding": encoding}
    assert (await client.post("/v1/logs", content=in_pieces(body), headers=headers)).status_code == 200
    assert (await client.post("/v1/logs", content=body, headers=headers)).status_code == 200
    assert await received() == times(1)


async def test_a_wake_up_follows_new_events_and_names_nothing_else(
    client: httpx.AsyncClient, organization: Organization, redis_url: str
) -> None:
    body = as_json(claude_logs(claude_request()))
    await client.post("/v1/logs", content=body, headers=organization.headers | JSON)
    with redis.Redis.from_url(redis_url) as queue:
        assert queue.exists(marker_key(Job.FOLD_TOKEN_EVENTS, organization.organization_id))


async def test_a_body_without_rows_wakes_no_worker(
    client: httpx.AsyncClient, organization: Organization, redis_url: str
) -> None:
    for signal in ("logs", "metrics", "traces"):
        answer = await client.post(f"/v1/{signal}", content=b"", headers=organization.headers | PROTOBUF)
        assert (answer.status_code, answer.content) == (200, b"")
    with redis.Redis.from_url(redis_url) as queue:
        assert not queue.keys("shipledger:wake:*")
